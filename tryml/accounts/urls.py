from allauth.account import views as allauth_views
from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import path

from tryml.accounts import views

app_name = "accounts"

urlpatterns = [
    path("accounts/guest/", views.guest, name="guest"),
    path("preferences/", views.preferences, name="preferences"),
    path("preferences/drawings/", views.keep_drawings, name="keep_drawings"),
    # These come before the URLs of allauth and of the admin, and so replace them.
    path("accounts/email/", views.members_only(allauth_views.email)),
    path("accounts/password/change/", views.members_only(allauth_views.password_change)),
    path("accounts/password/set/", views.members_only(allauth_views.password_set)),
    path("accounts/reauthenticate/", views.members_only(allauth_views.reauthenticate)),
    # Administrators sign in on the same page as everybody, with the same limit of attempts.
    path("admin/login/", secure_admin_login(admin.site.login)),
]
