"""The app inbox."""

from django.apps import AppConfig


class InboxConfig(AppConfig):
    """Tells Django the app's name."""

    name = "veche.service.inbox"
