"""The secrets of a service: passwords of the database's roles, and key files for its processes.

Each is made once, from the system's randomness, in a file of its own that no other account reads.
"""

import json
import os
import secrets
from pathlib import Path

from veche.core.keys import load_key
from veche.service.ground.layout import Home
from veche.service.vault.keyfile import make_key_file

#: Roles of the database that log in; `postgres` only where the PostgreSQL is our own.
LOGINS = ("postgres", "veche_owner", "veche_web", "veche_worker", "veche_sealer")


def passwords(home: Home) -> dict[str, str]:
    """Return the password of each role in `LOGINS`; those that are missing are made and kept."""
    path = home.keys / "passwords.json"
    kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    missing = [role for role in LOGINS if role not in kept]
    if missing:
        kept |= {role: secrets.token_urlsafe(32) for role in missing}
        write_secret(path, json.dumps(kept, indent=1) + "\n")
    return kept


def secret_file(home: Home) -> Path:
    """Django's secret: 32 random bytes in hexadecimal digits."""
    return _made(home.keys / "secret")


def vault_key_file(home: Home) -> Path:
    """The secrets of the vault; see `veche.service.vault.keyfile`."""
    path = home.keys / "vault.key"
    make_key_file(path)
    return path


def ledger_key_file(home: Home) -> Path:
    """The seed of the key that signs heads of the ledger: 32 random bytes in hexadecimal digits."""
    return _made(home.keys / "ledger.key")


def write_secret(path: Path, text: str) -> None:
    """Write `text` to `path`, readable by its owner only, whole or not at all."""
    part = path.with_name(path.name + ".part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as f:
        f.write(text)
        f.flush()
        os.fsync(f.fileno())
    part.replace(path)


def _made(path: Path) -> Path:
    load_key(path)
    return path
