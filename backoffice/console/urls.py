"""The browser's pages: the admin site is the whole site."""

from django.contrib import admin
from django.urls import path

from backoffice.console.login import switch_language

urlpatterns = [
    path("language/", switch_language, name="set_language"),
    path("", admin.site.urls),
]
