"""A disk that is full: nothing is acknowledged that is not kept, and all goes on when there is room."""

import json
import os
import subprocess
from contextlib import suppress
from datetime import UTC, datetime
from http.client import HTTPException

import psycopg
import pytest
from tests.acceptance.running import a_folder, running_in, wait_for
from tests.acceptance.senders import Acknowledged, appeal_of, send

TEXT = "Во дворе дома {n} по улице Лесной третий день не горит ни один фонарь. "

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")


@pytest.fixture(scope="module")
def disk():
    """A folder on a disk of 400 MB."""
    with a_folder() as folder:
        mount = ["mount", "-t", "tmpfs", "-o", "size=400m,mode=0755", "tmpfs", str(folder)]
        if subprocess.run(mount, capture_output=True, check=False).returncode:
            pytest.skip("this machine lets nobody mount a disk")
        try:
            yield folder
        finally:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(path):
    """Write on until nothing more can be written."""
    with path.open("ab") as file, suppress(OSError):
        while True:
            file.write(bytes(1 << 16))
            file.flush()


def exhaust(service):
    """Use up what the database has set aside for its log."""
    with suppress(psycopg.Error), service.database("postgres") as connection:
        for _ in range(1000):
            connection.execute("SELECT pg_logical_emit_message(false, 'full', repeat('x', 1000000))")


def row(n):
    """Return a row as `send` takes it."""
    names = ("lat", "lon", "age", "sex", "occupation", "territory", "author")
    at = datetime(2026, 9, 1, tzinfo=UTC)
    return {"id": f"r{n}", "text": TEXT.format(n=n), "received_at": at} | dict.fromkeys(names)


def handed_in(service, token, n):
    """Hand one in without trying again; return the status, None where nobody answers."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    try:
        return service.ask("POST", "/api/v1/appeals", json.dumps(appeal_of(row(n))), headers)[0]
    except (OSError, HTTPException):
        return None


def test_what_was_acknowledged_is_there_when_the_disk_has_room_again(disk):
    with running_in(disk) as service:
        opened = service.open_authorities((("town", "municipality", "ru"),), "a long one for the test")
        token, noted = opened["town"]["token"], Acknowledged()
        send(service, token, [row(n) for n in range(20)], noted, size=10)
        filler, answers = disk / "filler", []
        for n in range(20, 23):
            # The database may have found a little room again: a log that it needs no more.
            fill(filler)
            exhaust(service)
            answers.append(handed_in(service, token, n))
        assert set(answers) <= {None, 503}
        assert service.process.poll() is None, service.said.read_text()
        filler.unlink()
        wait_for(service.ready, "the service to be ready again")
        send(service, token, [row(n) for n in range(20, 40)], noted, size=10)
        wait_for(lambda: service.rows("SELECT count(*) FROM inbox_pending") == [(0,)], "all to be understood")
        stored = service.rows("SELECT state, count(*) FROM inbox_appeal GROUP BY state")
        assert stored == [("understood", len(noted))]
