"""What a model's card must hold, so that what a stranger wrote into one is told before it is used."""

import base64
import datetime as dt
from collections.abc import Mapping
from typing import Any

from veche.learn.examples import TRAITS
from veche.learn.known import check_known
from veche.learn.model import Seen
from veche.learn.portrait import KNOWN_BITS, LENGTHS, WORD_BUCKETS
from veche.learn.promise import keep_promise
from veche.packs.tables import CODE

#: The share of right decisions that is promised where nothing else was asked for.
PRECISION = 0.95

_NUMBER = (int, float)


def alone_of(seen: Seen) -> dict[str, Any]:
    """Return what a card says of the decisions that need nobody under a promise of `PRECISION`."""
    promise = keep_promise(seen, precision=PRECISION)
    coverage = round(float(promise.coverage), 4)
    return {"precision": PRECISION, "coverage": coverage, "held": bool(promise.held)}


def check_card(card: Mapping[str, Any], labels: Mapping[str, tuple[str, ...]]) -> None:
    """See that a card holds what commands read from it; `labels` are the names of each facet's labels.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: it does not.
    """
    pack, data = card["pack"], card["data"]
    _are(str, card["veche"], pack["code"], pack["version"], data["fingerprint"])
    _are(int, card["seed"], data["appeals"], data["distinct"])
    # The name of a pack may be the path of a folder; a card shall not name a place on the reader's disk.
    if pack["code"] and not CODE.fullmatch(pack["code"]):
        raise ValueError("pack")
    for day in (data["first"], data["last"]):
        if day is not None:
            dt.date.fromisoformat(day)
    check_known(data.get("texts", ""))
    _check_portrait(card["portrait"])
    if card["facets"].keys() != labels.keys():
        raise ValueError("facets")
    for facet, names in labels.items():
        _check_facet(card["facets"][facet], names)


def _check_portrait(portrait: Mapping[str, Any]) -> None:
    _are(int, portrait["appeals"], *portrait["words"])
    _are(_NUMBER, *portrait["lengths"])
    for name in TRAITS:
        _are(_NUMBER, *portrait["traits"][name].values())
    sizes = len(portrait["lengths"]), len(portrait["words"])
    known = base64.b64decode(portrait["known_words"], validate=True)
    if sizes != (len(LENGTHS) + 1, WORD_BUCKETS) or 8 * len(known) != KNOWN_BITS:
        raise ValueError("portrait")


def _check_facet(said: Mapping[str, Any], names: tuple[str, ...]) -> None:
    alone = said["alone"]
    _are(int, said["labelled"], *said["labels"].values())
    _are(_NUMBER, alone["precision"], alone["coverage"], *said["figures"].values())
    _are(str, *said.get("columns", []), said.get("path", ""), *said.get("mapped", {}).values())
    _are(int, said.get("corrected", 0), said.get("figures_of", 0))
    _are(str, *said.get("added", []))
    _are(bool, said["multi"], alone["held"])
    if said["labels"].keys() != set(names):
        raise ValueError("labels")


def _are(kind: type | tuple[type, ...], *values: object) -> None:
    if not all(isinstance(value, kind) for value in values):
        raise TypeError(kind)
