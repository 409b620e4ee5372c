"""The app ledger."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Tells Django the app's name."""

    name = "veche.service.ledger"
