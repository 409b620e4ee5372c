"""What the appeals of an authority are understood with: its pack, and a model of its own where it has one.

Models lie in the data folder under their digest. Opening takes seconds: a process opens each means once.
"""

import logging
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings

from veche.core.errors import VecheError
from veche.service.ground.layout import Home
from veche.service.inbox.understand import Understanding

if TYPE_CHECKING:
    # Who understands single appeals in a process of its own has no tables there.
    from veche.service.accounts.models import Tenant

_log = logging.getLogger("veche.worker")

#: Means that a process keeps open; each holds tens to hundreds of megabytes.
_MOST_OPEN = 16


class Means(NamedTuple):
    """A pack (name or folder), and the SHA-256 of a model in the data folder, "" for none."""

    pack: str
    model: str = ""

    @staticmethod
    def of(tenant: "Tenant") -> "Means":
        """Return those of an authority."""
        return Means(tenant.pack, tenant.model)


@lru_cache(_MOST_OPEN)
def opened(means: Means) -> Understanding:
    """Return the stages. Where the model cannot be used, the pack decides alone and the log says why.

    Raises:
        UnknownPack, BrokenPack: the pack cannot be used.
    """
    if not means.model:
        return Understanding(means.pack)
    try:
        return Understanding(means.pack, model=Home(settings.ENV.home).model(means.model))
    except VecheError as error:
        facts = {"code": error.code, "model": means.model}
        _log.error("A model cannot be used; the pack decides alone.", extra=facts)
        return opened(Means(means.pack))
