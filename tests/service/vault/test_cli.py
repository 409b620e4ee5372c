"""`veche vault` on a service of its own, as an operator calls it."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

KEEP_ROWS = True
MARK = "zyxoperatormark"

_VECHE = "import sys; from veche.cli import main; sys.argv[0] = 'veche'; main()"
_FILL = f"""
from types import SimpleNamespace
from tests.service.conftest import make_cast
from tests.service.vault.conftest import make_appeals
from veche.service.inbox.numbers import shown
cast = make_cast()
for contact in ("a@{MARK}.example", "b@c.example"):
    appeals = make_appeals(
        cast.tenants.region, cast.channels.region, text="The lamp of {MARK}.", contact=contact, n=2
    )
    print(shown(appeals[0].number))
"""


@pytest.fixture(scope="module")
def service():
    """Call it with a command: `veche vault COMMAND --data ...`; its PostgreSQL runs, with tables."""
    from veche.service.ground.managing import reached
    from veche.service.ground.opened import open_existing

    folder = Path(tempfile.mkdtemp(prefix="veche-"))
    folder.chmod(0o755)
    (folder / "data" / "keys").mkdir(parents=True)
    here = str(Path(__file__).parents[3])
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("VECHE_", "DJANGO_"))}
    environment |= {"PYTHONPATH": os.pathsep.join([here, str(Path(here) / "src")]), "VECHE_LANG": "en"}

    def call(*words, status=0):
        command = [sys.executable, "-c", _VECHE, *words[:2], "--data", str(folder / "data"), *words[2:]]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, cwd=folder, input="n\n"
        )
        assert done.returncode == status, done.stderr
        return done.stdout + done.stderr

    def manage(*words):
        command = [sys.executable, "-c", _VECHE, "manage", "--data", str(folder / "data"), *words]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout

    with reached(open_existing(folder / "data")):
        manage("migrate", "--verbosity", "0")
        call.folder, call.numbers = folder, manage("shell", "--verbosity", "0", "-c", _FILL).split()
        yield call
    shutil.rmtree(folder)


def test_an_operator_rotates_copies_and_erases(service):
    copied = service("vault", "copy", "--out", "first.key")
    assert "away from this machine" in copied
    assert "there already" in service("vault", "copy", "--out", "first.key", status=2)

    assert "2 keys of persons" in service("vault", "rotate")
    listed = [line.split() for line in service("vault", "keys").splitlines()]
    assert [line[1] for line in listed] == ["2", "0"]
    assert "Nothing was changed" in service("vault", "forget")
    assert "dropped: 1" in service("vault", "forget", "--yes")
    first = (service.folder / "first.key").read_text().split()
    now = (service.folder / "data" / "keys" / "vault.key").read_text().split()
    assert first[1] not in now
    assert first[3] == now[3]

    asked = ("--reason", "Statement 17 of November", "--out", "certificates", "--yes")
    by = ("--by", "administrator@veche.example")
    refused = service("vault", "erase", service.numbers[0], "--by", "editor@veche.example", *asked, status=1)
    assert MARK not in refused
    page = service("vault", "erase", service.numbers[0], *by, *asked)
    assert "Certificate of erasure" in page
    assert MARK not in page
    files = sorted((service.folder / "certificates").iterdir())
    assert [file.suffixes[-2:] for file in files] == [[".en", ".txt"], [".json"], [".ru", ".txt"]]
    assert json.loads(files[1].read_text())["destroyed"]["originals"] == 2
    service("vault", "erase", service.numbers[0], *by, *asked, status=2)

    assert "erased again: 0" in service("vault", "replay")
