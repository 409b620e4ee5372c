"""Ctrl-C while a model is made or judged: one line, no traceback, nothing half-written."""

import csv
import os
import random
import signal
import subprocess
import time

import pytest
from tests.integration.conftest import VECHE

ROWS = 2_500  # three chunks: there is work left when the first is finished


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    """A history of invented complaints under two labels."""
    draw = random.Random(5)
    path = tmp_path_factory.mktemp("stopped") / "history.csv"
    words = ["the", "lamp", "road", "water", "yard", "dark", "broken", "near", "our", "house", "please"]
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = [(" ".join(draw.choices(words, k=9)) + f" {n}", "AB"[n % 2]) for n in range(ROWS)]
        csv.writer(file).writerows([("text", "topic"), *rows])
    return path


@pytest.mark.parametrize(
    ("command", "told"), [("train", "Stopped. Add --resume to go on from here."), ("evaluate", "Stopped.")]
)
def test_ctrl_c_says_one_line_and_leaves_nothing_half_written(history, home, tmp_path, command, told):
    for name in ("scratch", "made"):
        (tmp_path / name).mkdir()
    out = tmp_path / "made" / "out"
    own = {"HOME": str(home), "XDG_DATA_HOME": str(home / "data"), "VECHE_LANG": "en"}
    call = [
        VECHE,
        command,
        history,
        "--label",
        "topic=topic",
        "--workers",
        "1",
        "--pack",
        "boston",
        "--out",
        out,
    ]
    process = subprocess.Popen(
        [str(word) for word in [*call, *(["--cv", "5"] if command == "evaluate" else [])]],
        env=os.environ | own | {"TMPDIR": str(tmp_path / "scratch")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell that starts tests in the background turns Ctrl-C off for them.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    while not any(tmp_path.glob("**/done/part-*.json")):
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _printed, error = process.communicate(timeout=60)
    assert process.returncode == 130, error
    assert error.split("\n") == ["", f"Error: {told}", ""]  # on a line of its own below ^C
    kept = {"train": ["out.work"], "evaluate": []}[command]
    assert [path.name for path in (tmp_path / "made").iterdir()] == kept
    assert not any((tmp_path / "scratch").iterdir())
