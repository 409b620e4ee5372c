"""The app vault."""

from django.apps import AppConfig


class VaultConfig(AppConfig):
    """Tells Django the app's name."""

    name = "veche.service.vault"
