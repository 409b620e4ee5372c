"""The pages that lead through a piece of work do so: their files are written, their commands are run."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from tests.integration.conftest import VECHE

HOW_TO = Path(__file__).resolve().parents[2] / "docs" / "how-to"

_BLOCK = re.compile(r"^```(?P<kind>[^\n]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_CAPTION = re.compile(r":caption: (?P<name>\S+)\n")


def steps(page: str) -> list[tuple[str, str]]:
    """Return what a reader does, in order: (name of a file, its text) or ("$ command", shown output)."""
    found = []
    for block in _BLOCK.finditer(page):
        caption = _CAPTION.match(block["body"])
        if caption:
            found.append((caption["name"], block["body"][caption.end() :]))
        elif block["kind"] == "console":
            for command in re.split(r"^(?=\$ )", block["body"], flags=re.MULTILINE)[1:]:
                line, _newline, shown = command.partition("\n")
                found.append((line, shown))
    return found


def assert_shown(shown: str, printed: str) -> None:
    """Each piece of the page between lines of dots stands in what was printed, in the same order."""
    at = 0
    for piece in re.split(r"^\.\.\.$", shown, flags=re.MULTILINE):
        piece = piece.strip("\n")
        found = printed.find(piece, at)
        assert found >= 0, f"the page shows\n{piece}\nbut this was printed:\n{printed}"
        at = found + len(piece)


@pytest.fixture
def environment(home):
    kept = {
        k: v for k, v in os.environ.items() if k not in ("LC_ALL", "LANG", "VECHE_DEBUG", "VECHE_KEY_FILE")
    }
    return kept | {
        "HOME": str(home),
        "XDG_DATA_HOME": str(home / "data"),
        "VECHE_LANG": "en",
        "COLUMNS": "120",
        "PATH": f"{VECHE.parent}:{os.environ['PATH']}",
    }


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("change-a-pack.md", 11),
        ("audit-a-digest.md", 6),
        ("train-a-model.md", 8),
        ("run-with-a-model.md", 5),
        ("teach-corrections.md", 6),
    ],
)
def test_the_page_does_what_it_says(name, least, tmp_path, environment):
    found = steps((HOW_TO / name).read_text("utf-8"))
    assert len(found) >= least
    for what, text in found:
        if not what.startswith("$ "):
            (tmp_path / what).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / what).write_text(text, "utf-8")
            continue
        done = subprocess.run(
            what[2:], shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert done.returncode == int("to mend. " in text), f"{what}\n{done.stdout}{done.stderr}"
        assert_shown(text, done.stdout)
