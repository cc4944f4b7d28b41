"""The WSGI application that gunicorn serves."""

import os

from django.conf import settings
from django.core.checks import Tags
from django.core.management.base import BaseCommand
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")

application = get_wsgi_application()
if settings.PRODUCTION:
    # A server runs no checks by itself: without what it must be told it must not take a single order.
    BaseCommand().check(tags=[Tags.security], include_deployment_checks=True)
