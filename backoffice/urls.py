"""Where every address leads."""

from django.urls import include, path

urlpatterns = [
    path("api/", include("backoffice.api.urls")),
    path("", include("backoffice.api.health_urls")),
    path("", include("backoffice.console.urls")),
]
#: what broke outside of every view: a problem under /api/, a page elsewhere
handler400 = "backoffice.api.problems.bad_request"
handler500 = "backoffice.api.problems.server_error"
