"""What must hold between the files of a pack.

`references` finds what keeps a pack from loading; `quality` finds what makes it serve people worse.
Rules about one entry alone are applied where it is read.
"""

from datetime import date

from veche.packs.checks import bodies, clocks, codes, conditions, measures, places, spans, texts, topics
from veche.packs.checks.ground import Ground
from veche.packs.model import Pack
from veche.packs.parts import Origins
from veche.packs.problems import Problems


def references(pack: Pack, origins: Origins, problems: Problems) -> None:
    """Note codes that point to nothing, trees without a root, times that end before they begin, and shapes
    that cannot be read."""
    ground = Ground(pack, origins, problems)
    codes.check(ground)
    spans.backwards(ground)
    places.readable(ground)


def quality(pack: Pack, origins: Origins, problems: Problems, *, today: date) -> None:
    """Note gaps and contradictions: topics without a body, missing translations, lost shapes and so on.

    `today` decides what is over already.
    """
    ground = Ground(pack, origins, problems)
    for part in (bodies, topics, texts, places, clocks, conditions, measures):
        part.check(ground)
    spans.check(ground, today=today)
