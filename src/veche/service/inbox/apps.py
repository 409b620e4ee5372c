"""The app inbox."""

from django.apps import AppConfig

from veche.service.sql import write_lists_at_once


class InboxConfig(AppConfig):
    """Tells Django the app's name."""

    name = "veche.service.inbox"

    def ready(self) -> None:
        """Write long lists at once from the first connection on."""
        write_lists_at_once()
