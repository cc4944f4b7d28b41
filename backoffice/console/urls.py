"""The browser's pages: the admin site, and what a customer opens without a login."""

from django.contrib import admin
from django.urls import path

from backoffice.console.document_links import open_link
from backoffice.console.login import switch_language

urlpatterns = [
    path("language/", switch_language, name="set_language"),
    path("d/<str:token>/", open_link, name="open_link"),
    path("", admin.site.urls),
]
