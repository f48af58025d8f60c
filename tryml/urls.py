from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("digits.urls")),
    path("", include("tryml.accounts.urls")),
    path("", include("training.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "tryml.errors.bad_request"
handler403 = "tryml.errors.forbidden"
handler404 = "tryml.errors.not_found"
handler500 = "tryml.errors.server_error"
