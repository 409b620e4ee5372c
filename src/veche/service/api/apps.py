"""The app api."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Tells Django the app's name."""

    name = "veche.service.api"
