"""The owner's key, and what is made with it: pseudonyms of authors and sealed originals.

The key is 32 random bytes in a file that only its owner reads. Runs under one key give one author
the same pseudonym; without the key nobody can go back from it to a phone number by trying them all.
"""

import hashlib
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from veche.core.errors import KeyUnusable
from veche.core.i18n import _
from veche.core.library_words import reason

_SIZE = 32


def key_path() -> Path:
    """Return where the key lies: `VECHE_KEY_FILE`, else `veche/key` in the user's data folder."""
    named = os.environ.get("VECHE_KEY_FILE")
    if named:
        return Path(named)
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "veche" / "key"


def load_key(path: Path) -> bytes:
    """Return the key at `path`; make one there, readable by its owner only, if there is none.

    Raises:
        KeyUnusable: the file cannot be read or made, or does not hold a key.
    """
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w") as f:
                f.write(secrets.token_hex(_SIZE) + "\n")
        key = bytes.fromhex(path.read_text().strip())
    except OSError as error:
        raise KeyUnusable(path=path, reason=reason(error)) from None
    except ValueError:
        raise KeyUnusable(path=path, reason=_("it does not hold a key")) from None
    if len(key) != _SIZE:
        raise KeyUnusable(path=path, reason=_("it does not hold a key"))
    return key


def derive(key: bytes, purpose: str) -> bytes:
    """Return the key for one purpose (HKDF, RFC 5869), so that no key serves two."""
    return HKDF(SHA256(), length=_SIZE, salt=None, info=f"veche {purpose}".encode()).derive(key)


def seal(key: bytes, name: str, text: str) -> bytes:
    """Encrypt `text` under the name of its appeal (AES-GCM-SIV, RFC 8452).

    The nonce follows from the name, so that the same run gives the same bytes; this mode stays safe
    when a nonce comes twice.
    """
    return AESGCMSIV(key).encrypt(_nonce(name), text.encode(), name.encode())


def unseal(key: bytes, name: str, sealed: bytes) -> str:
    """Decrypt what `seal` made.

    Raises:
        KeyUnusable: the key is another one, or the bytes were changed.
    """
    try:
        return AESGCMSIV(key).decrypt(_nonce(name), sealed, name.encode()).decode()
    except InvalidTag:
        raise KeyUnusable(path=key_path(), reason=_("the originals were sealed with another key")) from None


def _nonce(name: str) -> bytes:
    return hashlib.blake2b(name.encode(), digest_size=12).digest()
