"""What is read by the hundred thousand: answers of the database as bytes, ids as arrays of 16 bytes each."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import numpy as np
import psycopg
from django.db import connection

from veche.service.board.cube import ID


def binary_rows(query: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return the rows that answer a question in this transaction, read in the database's own form.

    What is bytes comes as it is, and not as twice as many digits.
    """
    connection.ensure_connection()
    with psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(query.encode(), values, prepare=False, binary=True)
        return cursor.fetchall()


def copied(query: str) -> bytes:
    """Return what a COPY to STDOUT gives in this transaction."""
    connection.ensure_connection()
    with psycopg.Cursor(connection.connection) as cursor, cursor.copy(query.encode()) as copy:
        return b"".join(bytes(block) for block in copy)


def ids_of(packed: np.ndarray | bytes) -> list[UUID]:
    """Return ids of 16 bytes each as such."""
    flat = packed if isinstance(packed, bytes) else np.ascontiguousarray(packed).tobytes()
    return [UUID(bytes=flat[i : i + 16]) for i in range(0, len(flat), 16)]


def packed_ids(flat: bytes) -> np.ndarray:
    """Return ids that stand one after another as an array."""
    return np.frombuffer(flat, ID)
