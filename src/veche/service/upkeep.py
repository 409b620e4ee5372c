"""What restoring, checking and upgrading have done in Django: `python -m veche.service.upkeep STEP [WORDS]`.

Runs as the owner of the tables. What it prints is JSON for the process that started it.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import django
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader


def known() -> object:
    """Return the migrations that this version has; needs no database."""
    return sorted(f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations or ())


def migrate() -> object:
    """Bring the tables up to date."""
    call_command("migrate", interactive=False, verbosity=0)
    return None


def pending() -> object:
    """Return the migrations that were not applied yet."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _back in plan]


def replay(journal: str) -> object:
    """Erase again whom a journal names; return how many were erased, were already, are not there."""
    from veche.service.vault.erase import replay_erasures

    return asdict(replay_erasures(Path(journal)))


#: What can be asked for.
STEPS: dict[str, Callable[..., object]] = {
    "known": known,
    "migrate": migrate,
    "pending": pending,
    "replay": replay,
}

if __name__ == "__main__":
    django.setup()
    sys.stdout.write(json.dumps(STEPS[sys.argv[1]](*sys.argv[2:])))
