"""Dates in all the ways that exports write them."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import read, write

from veche.intake.dates import DateReader, find_month_first

MOSCOW = DateReader(timezone="Europe/Moscow")


@pytest.mark.parametrize(
    ("value", "expected", "zone"),
    [
        ("2024-03-05T14:30:00+03:00", "2024-03-05T11:30", "+03:00"),
        ("2024-03-05T14:30:00Z", "2024-03-05T14:30", "UTC"),
        ("2024-03-05 14:30:00", "2024-03-05T11:30", "Europe/Moscow"),
        ("2024-03-05", "2024-03-04T21:00", "Europe/Moscow"),
        ("2024-03-05T14:30-0530", "2024-03-05T20:00", "-05:30"),
        ("05.03.2024", "2024-03-04T21:00", "Europe/Moscow"),
        ("5.3.24 14:30", "2024-03-05T11:30", "Europe/Moscow"),
        ("05/03/2024 2:30 PM", "2024-03-05T11:30", "Europe/Moscow"),
        ("05.03.2024 в 14:30", "2024-03-05T11:30", "Europe/Moscow"),
        ("25/12/2024", "2024-12-24T21:00", "Europe/Moscow"),
        ("12/25/2024", "2024-12-24T21:00", "Europe/Moscow"),
        ("20240305", "2024-03-04T21:00", "Europe/Moscow"),
        ("1709638200", "2024-03-05T11:30", "UTC"),
        ("1709638200000", "2024-03-05T11:30", "UTC"),
        ("45356.5", "2024-03-05T09:00", "Europe/Moscow"),
        ("5 марта 2024 г., 14:30", "2024-03-05T11:30", "Europe/Moscow"),
        ("вторник, 5 марта 2024", "2024-03-04T21:00", "Europe/Moscow"),
        ("March 5, 2024 2:30 PM", "2024-03-05T11:30", "Europe/Moscow"),
        ("5-Mar-2024 14:30", "2024-03-05T11:30", "Europe/Moscow"),
        ("5 de marzo de 2024", "2024-03-04T21:00", "Europe/Moscow"),
        ("Tue, 05 Mar 2024 14:30:00 +0300", "2024-03-05T11:30", "+03:00"),
        ("Tue Mar  5 14:30:00 MSK 2024", "2024-03-05T11:30", "Europe/Moscow"),
    ],
)
def test_a_date_is_read(value: str, expected: str, zone: str) -> None:
    found = MOSCOW.read(pa.array([value, "no date"]))
    assert found.at.to_pylist()[0] == datetime.fromisoformat(expected).replace(tzinfo=UTC)
    assert found.zone.to_pylist()[0] == zone
    assert found.bad.tolist() == [False, True]


@pytest.mark.parametrize(
    "value", ["30.02.2024", "2024-13-01", "25:00", "вчера", "99.99.9999", "2024-03-05 24:61", "12"]
)
def test_what_is_no_date_is_bad(value: str) -> None:
    assert MOSCOW.read(pa.array([value])).bad.tolist() == [True]


@settings(deadline=None)
@given(st.datetimes(min_value=datetime(1991, 1, 1), max_value=datetime(2037, 1, 1)))
def test_any_moment_survives_every_way_of_writing_it(moment: datetime) -> None:
    moment = moment.replace(microsecond=0)
    expected = moment.replace(tzinfo=ZoneInfo("Europe/Moscow")).astimezone(UTC)
    for form in ("%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M:%S", "%Y%m%dT%H%M%S", "%d/%m/%Y %I:%M:%S %p"):
        (at,) = MOSCOW.read(pa.array([moment.strftime(form)])).at.to_pylist()
        assert at == expected


@settings(deadline=None)
@given(st.text(max_size=40))
def test_no_text_makes_reading_fail(text: str) -> None:
    found = MOSCOW.read(pa.array([text]))
    assert found.at.null_count == 1 or not found.bad[0]


@pytest.mark.parametrize(
    ("values", "month_first"),
    [
        (["01/02/2024", "12/31/2024"], True),
        (["01/02/2024", "31/12/2024"], False),
        (["01/02/2024", "03/04/2024"], None),
        (["01/02/2024 10:00 AM"], True),
    ],
)
def test_the_values_prove_whether_the_month_comes_first(values: list[str], month_first: bool | None) -> None:
    assert find_month_first(pa.array(values)) is month_first


def test_a_column_with_months_first_is_read_so(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "text,date\nOne,02/03/2024\nTwo,12/25/2024\n")
    assert read(path, timezone="UTC").rows[0]["received_at"] == datetime(2024, 2, 3, tzinfo=UTC)


def test_an_open_question_is_decided_for_the_day_and_noted(tmp_path: Path) -> None:
    result = read(write(tmp_path / "a.csv", "text,date\nOne,02/03/2024\n"), timezone="UTC")
    assert result.rows[0]["received_at"] == datetime(2024, 3, 2, tzinfo=UTC)
    assert result.source.warnings == {"day_first_assumed": 1}


def test_dates_in_1900_and_2150_are_left_out_kept_and_counted(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.csv", "text,date\nOne,1900-01-01\nTwo,2150-01-01\nThree,2024-01-01\nFour,soon\n"
    )
    result = read(path, not_after=datetime(2024, 6, 1, tzinfo=UTC))
    assert [row["received_at"] is None for row in result.rows] == [True, True, False, True]
    assert [row["kept"] for row in result.rows] == [
        [("date", "1900-01-01")],
        [("date", "2150-01-01")],
        [],
        [("date", "soon")],
    ]
    assert result.source.warnings == {"date_out_of_range": 2, "date_unreadable": 1}
    assert result.rejects == []
