"""The app themes."""

from django.apps import AppConfig


class ThemesConfig(AppConfig):
    """Tells Django the app's name."""

    name = "veche.service.themes"
