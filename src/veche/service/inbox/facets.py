"""Which findings stand in the columns of an appeal, where lists and filters look for them."""

from collections.abc import Iterator
from typing import NamedTuple

import pyarrow.compute as pc

from veche.core.finding import first, first_values
from veche.service.inbox.understand import Understanding, Understood


class Shown(NamedTuple):
    """The columns of one appeal, by the first decision about it as a whole; "" where nothing was decided."""

    language: str
    kind: str
    topic: str
    body: str
    urgency: str
    topic_confidence: float | None
    #: Path of codes from the country down.
    territory: str
    #: Values with a bar between; none holds one.
    groups: str


#: The column of an appeal that shows a facet, where it is not called as the facet is.
COLUMN = {"place": "territory", "group": "groups"}

_SINGLE = ("language", "kind", "topic", "body", "urgency")


def shown_facets(understanding: Understanding, understood: Understood) -> Iterator[Shown]:
    """Yield the columns of each appeal, in the order of the table."""
    table = understood.table
    have = set(understood.facets)
    none = [None] * len(table)
    values = {f: first_values(table[f]).to_pylist() if f in have else none for f in (*_SINGLE, "place")}
    sure = pc.struct_field(first(table["topic"]), "confidence").to_pylist() if "topic" in have else none
    groups = table["group"].to_pylist() if "group" in have else none
    paths = understanding.territories
    for i in range(len(table)):
        place = values["place"][i] or ""
        said = (d["value"] for d in groups[i] or () if d["matter"] == 0)
        language, kind, topic, body, urgency = (values[facet][i] or "" for facet in _SINGLE)
        joined = "|".join(dict.fromkeys(said))
        yield Shown(language, kind, topic, body, urgency, sure[i], paths.get(place, place), joined)
