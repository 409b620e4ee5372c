"""`veche doctor`: looks at everything that a service stands on, and says what to mend and how."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from veche.core.errors import NoService
from veche.core.i18n import _
from veche.core.library_words import reason
from veche.service.ground import checks_database, checks_machine, checks_running, processes
from veche.service.ground.found import Found, guarded
from veche.service.ground.layout import Home
from veche.service.ground.managing import reached
from veche.service.ground.opened import Ground, open_existing
from veche.service.ground.steps import step
from veche.service.ground.supervisor import read_state


def examine(data: Path) -> list[Found]:
    """Check a service, whether it runs or not; its PostgreSQL is started meanwhile if it does not.

    Raises:
        NoService: there is none.
    """
    home = _home(data)
    # These look before anything opens the folder: opening sets modes right and makes keys that are missing.
    found = [
        *guarded("versions", lambda: checks_machine.versions(home)),
        *guarded("folder", lambda: checks_machine.folders(home)),
        *guarded("keys", lambda: checks_machine.keys(home)),
        *guarded("disk", lambda: checks_machine.room(home)),
    ]
    state: Any = read_state(home)
    found += guarded("processes", lambda: checks_running.alive(state))
    if state and _runs(state):
        found += guarded("https", lambda: checks_running.address(state))
    found += guarded("identities", checks_running.provider)
    return [*found, *examine_database(data)]


def examine_database(data: Path) -> list[Found]:
    """Check what the database of a service holds."""
    home = _home(data)
    if os.geteuid() == 0 and home.path.stat().st_uid:
        # Opening it as root would give it to the accounts that a service of root's has.
        return [Found("database", False, _("the folder is another user's"), _("Run this as that user."))]
    if not checks_machine.keys_are_there(home):
        return [Found("database", False, _("not looked at while keys are missing"))]
    return guarded("database", lambda: _database(open_existing(data)))


def _home(data: Path) -> Home:
    if not (data / "keys").is_dir():
        raise NoService(path=data)
    return Home(data.resolve())


def _runs(state: dict[str, Any]) -> bool:
    return processes.identity(int(state["supervisor"])) == state["began"]


def _database(ground: Ground) -> list[Found]:
    state: Any = read_state(ground.home)
    running = bool(state) and _runs(state)
    with reached(ground) as urls:
        try:
            with psycopg.connect(urls.owner, autocommit=True) as connection:
                answers = [Found("database", True, _("it answers"))]
                if connection.execute("SELECT to_regclass('ledger_entry')").fetchone() == (None,):
                    advice = _("Start it once with veche up.")
                    return [*answers, Found("migrations", False, _("there are no tables yet"), advice)]
                pending = step(ground, urls.owner, "pending")
                return [*answers, *_inside(connection, ground, pending, running=running)]
        except psycopg.Error as error:
            said = f"{type(error).__name__} ({error.sqlstate or reason(error)})"
            return [Found("database", False, said, _("See logs/postgres.log."))]


def _inside(
    connection: "psycopg.Connection[Any]", ground: Ground, pending: list[str], *, running: bool
) -> Iterator[Found]:
    yield from guarded("walls", lambda: checks_database.walls(connection))
    yield from checks_database.tables(connection, pending)
    yield from checks_database.clock(connection)
    yield from checks_database.waiting(connection, running=running)
    if running:
        yield from checks_database.heard_of(connection)
    yield from checks_database.ledger(connection, ground.home, running=running)
    yield from checks_database.last_backup(connection)
    yield from checks_database.packs(connection)
