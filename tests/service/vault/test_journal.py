"""The journal of erasures."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from veche.core.errors import JournalDamaged
from veche.service.vault.journal import Erased, carry, read_journal


class Due:
    """A cursor over erasures that are due."""

    def __init__(self, rows):
        self.rows, self.told = rows, []

    def execute(self, _query, params=()):
        self.told += params

    def fetchall(self):
        return self.rows


def line():
    return (uuid4(), uuid4(), uuid4(), datetime(2026, 11, 22, 10, 0, tzinfo=UTC), "ab" * 32)


def test_what_is_due_is_written_and_read_again(tmp_path):
    rows = [line(), line()]
    cursor = Due(rows)
    assert carry(cursor, tmp_path / "erasures.jsonl") == 2
    assert cursor.told == [[rows[0][0], rows[1][0]]]
    assert carry(Due([]), tmp_path / "erasures.jsonl") == 0
    assert list(read_journal(tmp_path / "erasures.jsonl")) == [Erased(*row) for row in rows]


def test_a_line_that_a_crash_cut_off_costs_no_other(tmp_path):
    journal = tmp_path / "erasures.jsonl"
    one, other = line(), line()
    carry(Due([one]), journal)
    whole = journal.read_bytes()
    for end in range(1, len(whole)):
        journal.write_bytes(whole + whole[:end].rstrip(b"\n"))
        carry(Due([other]), journal)
        assert set(read_journal(journal)) == {Erased(*one), Erased(*other)}


@pytest.mark.parametrize("text", ["nonsense\n", "{}\n", '{"erasure":"1","tenant":"2","person":"3"}\n'])
def test_a_line_of_another_kind_stops_the_reader(tmp_path, text):
    journal = tmp_path / "erasures.jsonl"
    carry(Due([line()]), journal)
    with journal.open("a") as f:
        f.write(text)
    with pytest.raises(JournalDamaged) as raised:
        list(read_journal(journal))
    assert "line 2" in str(raised.value)
