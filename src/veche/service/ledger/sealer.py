"""The sealer: `python -m veche.service.ledger.sealer`, a process of its own with an account of its own.

It alone can read the signing key. It wakes every few seconds and when an export asks for its closing
statement. Appending does not wake it: a notification makes transactions that append wait for each
other's commit.
"""

import datetime as dt
import logging
import os
import selectors
import signal
import socket
import sys
from pathlib import Path

import psycopg

from veche.ledger.seals import load_signing_key, public_pem
from veche.service.ledger.outside import NAME, Outside
from veche.service.ledger.sealing import LOG, Sealer
from veche.service.ops.logs import JsonLines
from veche.service.vault.journal import NAME as JOURNAL
from veche.service.vault.journal import carry

#: Seconds between two rounds when nobody asks.
EVERY_SECONDS = 5
#: Seconds before the database is tried again.
_AGAIN_SECONDS = 1
PUBLIC_KEY = "public.pem"


def main() -> None:
    """Seal until SIGTERM or SIGINT; then once more, so that what was appended last is sealed."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    folder = Path(os.environ["VECHE_HOME"]) / "ledger"
    sealer = make_sealer(Path(os.environ["VECHE_LEDGER_KEY_FILE"]), folder)
    stopped, wake = socket.socketpair()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: wake.send(b"."))
    run(os.environ["VECHE_DATABASE_URL"], sealer, stopped)


def make_sealer(key_file: Path, folder: Path) -> Sealer:
    """Return a sealer that writes into `folder`, where the public half of its key lies too.

    Raises:
        KeyUnusable: the key cannot be read or made.
    """
    key = load_signing_key(key_file)
    public = folder / PUBLIC_KEY
    public.write_bytes(public_pem(key))
    public.chmod(0o644)
    return Sealer(key, Outside(folder / NAME), lambda: dt.datetime.now(dt.UTC), {})


def run(url: str, sealer: Sealer, stopped: socket.socket) -> None:
    """Seal every few seconds, and when asked, until something can be read from `stopped`."""
    while True:
        try:
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("LISTEN veche_ledger")
                while not _waited(stopped, connection):
                    one_round(connection, sealer)
                one_round(connection, sealer)
                return
        except psycopg.OperationalError:
            LOG.warning("the database is away", extra={"code": "VECHE-V007"})
            if _readable(stopped, _AGAIN_SECONDS):
                return


def one_round(connection: psycopg.Connection, sealer: Sealer) -> None:
    """Seal the ledger and carry erasures into their journal, which lies beside the seals."""
    sealer.round(connection)
    with connection.transaction(), connection.cursor() as cursor:
        carry(cursor, sealer.outside.path.with_name(JOURNAL))


def _waited(stopped: socket.socket, connection: psycopg.Connection) -> bool:
    """Wait until it is time or somebody asks; return whether to stop."""
    if _readable(stopped, 0):
        return True
    ended = _readable(stopped, EVERY_SECONDS, connection.fileno())
    for _notice in connection.notifies(timeout=0):
        pass
    return ended


def _readable(stopped: socket.socket, seconds: float, *others: int) -> bool:
    with selectors.DefaultSelector() as selector:
        for what in (stopped, *others):
            selector.register(what, selectors.EVENT_READ)
        return any(key.fileobj is stopped for key, _events in selector.select(seconds))


if __name__ == "__main__":
    main()
