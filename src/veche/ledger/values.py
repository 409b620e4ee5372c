"""What may stand in an entry: ids, codes, numbers and hashes, never words that somebody wrote.

The function of the database that appends (`veche.service.ledger`, append.sql) refuses by the same
patterns; a test compares the two.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import TypeAlias
from uuid import UUID

from veche.core.errors import NotForTheLedger

Fact: TypeAlias = str | int | bool
Facts: TypeAlias = Mapping[str, Fact]

#: A code of ours: `appeal.taken`, `api`, `road/lighting`, `RU-TA`. It begins with a letter and has no spaces,
#: so neither a sentence nor a telephone number is one.
CODE = r"[A-Za-z][A-Za-z0-9]*([._/:-][A-Za-z0-9]+)*"
_UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
#: A (keyed) hash in hexadecimal digits, of 128 to 512 bits.
_HASH = r"[0-9a-f]{32,128}"
#: The number of an appeal with its check digit.
_NUMBER = r"[0-9]{1,12}-[0-9]"
#: At most three parts: an address in the network has four.
_VERSION = r"[0-9]{1,8}(\.[0-9]{1,8}){1,2}"
_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z)?"
#: The forms of a value; an empty one says that there is none.
VALUE = f"({CODE}|{_UUID}|{_HASH}|{_NUMBER}|{_VERSION}|{_TIME})?"
KEY = r"[a-z][a-z0-9_]{0,39}"
#: Characters of one value.
LONGEST = 200
#: A whole number fits 31 bits: a telephone number with its country does not.
LARGEST = 2**31 - 1

_VALUE_RE, _KEY_RE = re.compile(VALUE), re.compile(KEY)


def value(name: str, given: UUID | str | int) -> str:
    """Return an id or a code as it stands in an entry.

    Raises:
        NotForTheLedger: it is neither an id, a code, a number nor a hash.
    """
    text = str(given)
    if len(text) > LONGEST or not _VALUE_RE.fullmatch(text):
        raise NotForTheLedger(field=name)
    return text


def facts(given: Mapping[str, UUID | Fact]) -> dict[str, Fact]:
    """Return facts as they stand in an entry, ordered by name.

    Raises:
        NotForTheLedger: a name or a value is none that the ledger takes.
    """
    kept: dict[str, Fact] = {}
    for name in sorted(given):
        fact = given[name]
        if not _KEY_RE.fullmatch(name):
            raise NotForTheLedger(field="facts")
        if isinstance(fact, bool):
            kept[name] = fact
        elif isinstance(fact, int):
            if abs(fact) > LARGEST:
                raise NotForTheLedger(field=name)
            kept[name] = fact
        elif isinstance(fact, str | UUID):
            kept[name] = value(name, fact)
        else:
            raise NotForTheLedger(field=name)
    return kept


def digest_of(ids: Iterable[UUID | str]) -> str:
    """Return one hash for many ids in whatever order, for the entry of a whole chunk (SHA-256)."""
    return hashlib.sha256("\n".join(sorted(map(str, ids))).encode()).hexdigest()
