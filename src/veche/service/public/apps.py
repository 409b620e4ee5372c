"""The app public."""

from django.apps import AppConfig


class PublicConfig(AppConfig):
    """Tells Django the app's name."""

    name = "veche.service.public"
