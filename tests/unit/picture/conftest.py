"""A made-up finished run to draw a picture of, made once for all tests of the room."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pytest

from veche.packs.model import Pack


class Made(NamedTuple):
    """A finished run: its folder, its pack, its manifest."""

    out: Path
    pack: Pack
    manifest: dict[str, Any]


@pytest.fixture(scope="session")
def made() -> ModuleType:
    """The module that makes runs up."""
    return _module("made")


@pytest.fixture(scope="session")
def made_following() -> ModuleType:
    """The module that adds an audit, an earlier run and bursts to a made-up run."""
    return _module("made_following")


def _module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"picture_{name}", Path(__file__).parent / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def run(made: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A run of 2,000 invented Russian appeals."""
    folder = tmp_path_factory.mktemp("picture")
    pack = made.make_pack(folder)
    out = folder / "out"
    return Made(out, pack, made.make_run(out, pack=pack, n=2000))
