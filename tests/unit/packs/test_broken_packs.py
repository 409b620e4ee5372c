"""Every pack in tests/packs/broken is broken in one place and gets its message.

Each extends the small pack in tests/packs/sound; `expected.toml` beside it says what a check must find.
What cannot lie in a repository (links that lead out, huge files) is made here.
"""

import shutil
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from veche.core.errors import BrokenPack, OversizedPack, UnsafePack
from veche.packs import check, load_pack

PACKS = Path(__file__).parents[2] / "packs"
BROKEN = sorted(folder for folder in (PACKS / "broken").iterdir() if folder.is_dir())

#: By then nothing in the packs is over but what is meant to be.
TODAY = date(2026, 1, 1)

GIGABYTE = 1 << 30

FILES = (
    "pack.toml",
    "topics/roads.toml",
    "bodies.toml",
    "territories.csv",
    "forms.tsv",
    "shapes.geojson",
    "kinds.toml",
    "urgency.toml",
    "groups.toml",
    "masks.toml",
    "names/first.txt",
    "facts.toml",
    "calendar.toml",
    "clocks.toml",
    "protocols/snow.md",
    "measures/family.toml",
)


def expected(folder: Path) -> list[dict[str, Any]]:
    return tomllib.loads((folder / "expected.toml").read_text("utf-8"))["problem"]


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """A copy of the sound pack that may be broken."""
    return Path(shutil.copytree(PACKS / "sound", tmp_path / "sound"))


def test_the_pack_that_they_extend_is_sound() -> None:
    assert check(str(PACKS / "sound"), today=TODAY) == []


@pytest.mark.parametrize("folder", BROKEN, ids=lambda folder: folder.name)
def test_a_broken_pack_gets_its_message_with_file_and_line(folder: Path) -> None:
    found = check(str(folder), today=TODAY)
    wanted = expected(folder)
    assert wanted
    assert [(p.file, p.line, p.serious) for p in found] == [
        (w["file"], w["line"], w["serious"]) for w in wanted
    ]
    for problem, want in zip(found, wanted, strict=True):
        assert want["message"] in problem.message
        assert problem.hint


@pytest.mark.parametrize("folder", BROKEN, ids=lambda folder: folder.name)
def test_what_is_serious_keeps_a_pack_from_loading_and_nothing_else_does(folder: Path) -> None:
    serious = [w for w in expected(folder) if w["serious"]]
    if not serious:
        assert load_pack(str(folder)).path == folder
        return
    with pytest.raises(BrokenPack) as caught:
        load_pack(str(folder))
    assert caught.value.text().startswith(f"{serious[0]['file']}, line {serious[0]['line']}: ")
    assert serious[0]["message"] in caught.value.text()
    assert caught.value.advice()


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_leads_out_of_the_pack_is_refused(sound: Path, tmp_path: Path, name: str) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes((sound / name).read_bytes() if (sound / name).exists() else b"")
    (sound / name).unlink(missing_ok=True)
    (sound / name).parent.mkdir(exist_ok=True)
    (sound / name).symlink_to(outside)
    for use in (load_pack, check):
        with pytest.raises(UnsafePack, match=name):
            use(str(sound))


def test_a_folder_that_leads_out_of_the_pack_is_refused(sound: Path, tmp_path: Path) -> None:
    (sound / "topics").rename(tmp_path / "topics")
    (sound / "topics").symlink_to(tmp_path / "topics")
    with pytest.raises(UnsafePack, match=r"topics/roads\.toml"):
        load_pack(str(sound))


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_a_gigabyte_is_refused_before_it_is_read(sound: Path, name: str) -> None:
    (sound / name).parent.mkdir(exist_ok=True)
    with (sound / name).open("wb") as file:
        file.truncate(GIGABYTE)
    for use in (load_pack, check):
        with pytest.raises(OversizedPack, match=name):
            use(str(sound))
