"""The chart app."""

from django.apps import AppConfig


class ChartConfig(AppConfig):
    """Register the room with Django."""

    name = "backoffice.chart"
