"""What changed from one version of a model to the next, by what their cards say."""

from collections.abc import Mapping
from typing import Any

#: What a card says of its data, by the names under which it is compared.
_DATA = ("appeals", "distinct", "first", "last", "fingerprint")


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Return `data` (what differs: name to [before, after]) and `facets`: by facet the labels that were
    `added` and `removed`, and `figures` side by side (name to [before, after], None where not had)."""
    data = {
        name: [old["data"].get(name), new["data"].get(name)]
        for name in _DATA
        if old["data"].get(name) != new["data"].get(name)
    }
    facets = [*old["facets"], *(facet for facet in new["facets"] if facet not in old["facets"])]
    empty: dict[str, Any] = {"labels": {}, "figures": {}, "alone": {}}
    return {
        "data": data,
        "facets": {
            facet: _facet(old["facets"].get(facet, empty), new["facets"].get(facet, empty))
            for facet in facets
        },
    }


def _facet(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    before = {**old["figures"], "decided_alone": old["alone"].get("coverage")}
    after = {**new["figures"], "decided_alone": new["alone"].get("coverage")}
    return {
        "added": [name for name in new["labels"] if name not in old["labels"]],
        "removed": [name for name in old["labels"] if name not in new["labels"]],
        "figures": {name: [before.get(name), after.get(name)] for name in {**before, **after}},
    }
