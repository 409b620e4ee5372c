"""The app board."""

from django.apps import AppConfig


class BoardConfig(AppConfig):
    """Tells Django the app's name."""

    name = "veche.service.board"
