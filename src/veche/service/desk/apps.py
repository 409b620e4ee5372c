"""The app desk."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """Tells Django the app's name."""

    name = "veche.service.desk"
