"""The app ops."""

from django.apps import AppConfig


class OpsConfig(AppConfig):
    """Tells Django the app's name."""

    name = "veche.service.ops"
