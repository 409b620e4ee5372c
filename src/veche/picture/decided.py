"""What a model decided alone in a run, under which promise, and why the rest waits for people: sentences."""

from collections.abc import Mapping
from typing import Any

from veche.core.formats import Formats
from veche.core.i18n import _

#: From this share of the appeals on it is told that they lack what the model reads.
_MANY_LACK = 0.1


def decided(manifest: Mapping[str, Any], f: Formats) -> list[dict[str, Any]]:
    """Return, for each facet of the run's model, a sentence (`text`) and the reasons of those that wait, the
    most frequent first; nothing for a run without a model."""
    facets = manifest.get("model", {}).get("facets", {})
    return [_facet(facet, said, f) for facet, said in facets.items()]


def _facet(facet: str, said: Mapping[str, Any], f: Formats) -> dict[str, Any]:
    waiting = said["waiting"]
    total = said["alone"] + sum(waiting.values())
    if said["held"]:
        text = _(
            "{facet}: decided alone {n} ({share}), where at least {promise} will be right; "
            "{waiting} wait for a person."
        )
    else:
        text = _("{facet}: that {promise} will be right cannot be promised; {waiting} wait for a person.")
    text = text.format(
        facet=facet,
        n=f.number(said["alone"]),
        share=f.share(said["alone"] / total if total else 0.0),
        promise=f.share(said["precision"]),
        waiting=f.number(total - said["alone"]),
    )
    lacking = {column: n for column, n in said.get("lacking", {}).items() if n > _MANY_LACK * total}
    if lacking:
        named = ", ".join(f"{_beside()[column]} ({f.number(n)})" for column, n in lacking.items())
        text += " " + _("Appeals without what the model was taught with: {named}.").format(named=named)
    names = _reasons()
    by_count = sorted(waiting.items(), key=lambda item: (-item[1], item[0]))
    return {"text": text, "reasons": [f"{names.get(code, code)}: {f.number(n)}" for code, n in by_count]}


def _beside() -> dict[str, str]:
    return {
        "place": _("without a territory"),
        "channel": _("without a channel"),
        "received_at": _("without a time"),
        "lat": _("without a point on the map"),
    }


def _reasons() -> dict[str, str]:
    return {
        "unsure": _("not sure enough"),
        "new": _("something that the model was never taught"),
        "language": _("a language that the model never saw"),
        "strange": _("a text unlike those it was taught"),
        "promise": _("too few examples for the promise"),
    }
