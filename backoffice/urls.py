"""Where every address leads."""

from django.urls import include, path

urlpatterns = [
    path("api/", include("backoffice.api.urls")),
    path("", include("backoffice.console.urls")),
]
