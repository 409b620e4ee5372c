"""The system's Chromium, driven by Playwright; no browser is ever downloaded."""

import importlib.util
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from playwright.sync_api import Browser, sync_playwright

_MADE = Path(__file__).parents[1] / "unit" / "picture"


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


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Chromium without a window."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("Chromium is missing: install the system's package `chromium`.")
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()
