"""The app accounts."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Tells Django the app's name."""

    name = "veche.service.accounts"
