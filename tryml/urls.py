"""All addresses."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("digits.urls")),
    path("", include("tryml.accounts.urls")),
    path("", include("training.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "tryml.web.error_pages.bad_request"
handler403 = "tryml.web.error_pages.forbidden"
handler404 = "tryml.web.error_pages.not_found"
handler500 = "tryml.web.error_pages.server_error"
