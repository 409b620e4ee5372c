"""The app search."""

from django.apps import AppConfig


class SearchConfig(AppConfig):
    """Tells Django the app's name."""

    name = "veche.service.search"
