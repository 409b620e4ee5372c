"""The service at an address, and runs that were made up for pages that show them."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from tests.browser.serving import served

_MADE = Path(__file__).parents[1] / "unit" / "picture"


@pytest.fixture(scope="module")
def site(installed: None) -> Iterator[str]:  # noqa: ARG001
    """The address of the service."""
    with served() as address:
        yield address


@pytest.fixture(scope="session")
def made() -> ModuleType:
    """The module that makes finished runs up."""
    return _module("made")


@pytest.fixture(scope="session")
def made_following() -> ModuleType:
    """The module that adds an audit, an earlier run and bursts to a made-up run."""
    return _module("made_following")


def _module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"picture_{name}", _MADE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
