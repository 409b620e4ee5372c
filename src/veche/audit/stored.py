"""An audit as it was written to a file: read again, so that its page can be made in another language."""

from collections.abc import Mapping
from typing import Any

from veche.audit.align import Grounded
from veche.audit.judge import Audit, Compared, Group
from veche.audit.whole import Whole

_MEASURES = ("standing", "heard", "worse_off")


def read_whole(data: Mapping[str, Any]) -> Whole:
    """Return the audit that `Whole.to_json` gave as `data`."""
    found = dict(data["representation"])
    for told in ("passes_overall", "failing_groups", "left_out"):  # follow from the rest
        found.pop(told)
    measures = {name: Compared(**found.pop(name)) for name in _MEASURES}
    groups = [_group(group) for group in found.pop("groups")]
    return Whole(
        audit=Audit(**{**found, **measures, "groups": groups}),
        sentences=[Grounded(**sentence) for sentence in data["sentences"]],
        withheld=data["groups_withheld"],
        languages=list(data["languages"].items()),
        appeals=data["appeals"],
        empty=data["without_text"],
    )


def _group(group: Mapping[str, Any]) -> Group:
    compared = {name: Compared(**group[name]) for name in ("standing", "heard")}
    return Group(**{**group, **compared})
