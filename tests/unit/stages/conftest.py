"""What tests of stages share: a pack that knows nothing but its language."""

from collections.abc import Callable
from pathlib import Path

import pytest

from veche.packs.model import Pack, Recogniser

MakePack = Callable[..., Pack]


@pytest.fixture(scope="session")
def make_pack() -> MakePack:
    def make(
        *, languages: tuple[str, ...] = ("ru",), recognisers: tuple[Recogniser, ...] = (), **lists: str
    ) -> Pack:
        return Pack(
            code="test",
            version="1",
            title={"en": "Test"},
            languages=languages,
            timezone="UTC",
            path=Path(),
            topics={},
            bodies={},
            territories={},
            kinds=(),
            urgencies=(),
            groups=(),
            recognisers=recognisers,
            negations={},
            name_lists={name: frozenset(words.split()) for name, words in lists.items()},
        )

    return make
