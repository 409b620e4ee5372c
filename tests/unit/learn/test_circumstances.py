"""When and where an appeal came: told in the pack's zone, and read only where it helps."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.learn.conftest import inputs_of, labels_of

from veche.learn.circumstances import CELL, HOUR, MONTH, PERIOD, WEEKDAY, circumstances, unknown
from veche.learn.explain import TRAIT, explain
from veche.learn.explain_words import trait_in_words
from veche.learn.heads import cross_scores, fit


def told(*instants, lat=None, lon=None, timezone="Europe/Moscow"):
    n = len(instants)
    made = circumstances(
        pa.array(instants, pa.timestamp("us", "UTC")),
        pa.array(lat or [None] * n, pa.float64()),
        pa.array(lon or [None] * n, pa.float64()),
        timezone=timezone,
    )
    return {name: column.to_pylist() for name, column in made.items()}


def test_days_and_hours_are_those_of_the_zone():
    # 22:30 of New Year's Eve in UTC, a Tuesday, is half past one of the first of January in Moscow.
    made = told(dt.datetime(2024, 12, 31, 22, 30, tzinfo=dt.UTC), None)
    assert made == {
        PERIOD: ["2025-1", None],
        MONTH: ["01", None],
        WEEKDAY: ["3", None],
        HOUR: ["01", None],
        CELL: [None, None],
    }


def test_a_date_alone_has_no_hour():
    midnight = dt.datetime(2024, 3, 9, 21, 0, tzinfo=dt.UTC)
    assert told(midnight)[HOUR] == [None]
    assert told(midnight)[WEEKDAY] == ["7"]


@given(st.floats(-89, 89), st.floats(-180, 180))
def test_a_point_lies_within_a_kilometre_of_the_middle_of_its_cell(lat, lon):
    (cell,) = told(None, lat=[lat], lon=[lon])[CELL]
    north, east = (float(part) for part in cell.split(","))
    assert abs(north - lat) * 111.2 < 0.65
    assert abs(east - lon) * 111.2 * np.cos(np.radians(lat)) < 0.75


def test_half_a_point_is_no_point():
    assert told(None, None, lat=[55.7, None], lon=[None, 37.6])[CELL] == [None, None]


def _history(n=600, *, telling=True, seed=3):
    """Appeals whose words tell nothing: in winter they mean snow, in summer grass, unless by lot."""
    rng = np.random.default_rng(seed)
    month = rng.integers(1, 13, n)
    season = (month < 4) | (month > 9)
    label = season.astype(int) if telling else rng.integers(0, 2, n)
    texts = [" ".join(f"w{i}" for i in rng.integers(0, 300, 8)) for _ in range(n)]
    days = [
        dt.datetime(int(y), int(m), int(d), 9, tzinfo=dt.UTC)
        for y, m, d in zip(rng.integers(2020, 2024, n), month, rng.integers(1, 28, n), strict=True)
    ]
    nowhere = pa.nulls(n, pa.float64())
    beside = circumstances(pa.array(days, pa.timestamp("us", "UTC")), nowhere, nowhere, timezone="UTC")
    inputs = replace(inputs_of(texts), circumstances=beside)
    return inputs, labels_of([[int(x)] for x in label], ("Grass", "Snow"))


def test_a_season_that_tells_is_read():
    inputs, labels = _history()
    head = fit(inputs, labels, seed=1)
    assert MONTH in head.columns.read()
    scores = cross_scores(inputs, labels, np.arange(600), seed=1)
    assert (scores.argmax(axis=1) == labels.single()).mean() > 0.95


def test_a_season_that_tells_nothing_is_not_read():
    head = fit(*_history(telling=False), seed=1)
    assert head.columns.traits == ()


def test_a_history_without_dates_is_learnt_as_before():
    inputs, labels = _history()
    bare, empty = replace(inputs, circumstances={}), replace(inputs, circumstances=unknown(600))
    heads = [fit(some, labels, seed=1) for some in (bare, empty)]
    assert heads[0].columns.traits == heads[1].columns.traits == ()
    assert heads[0].words.tobytes() == heads[1].words.tobytes()


def _renamed(*, seed=3):
    """In 2020 and 2021 people put noise under "Grass", from 2022 on under "Snow"; the words say no year."""
    inputs, _labels = _history(800, seed=seed)
    years = [int(value[:4]) for value in inputs.circumstances[PERIOD].to_pylist()]
    noise = np.arange(800) % 2 == 0
    texts = [
        f"noise {t}" if loud else f"pipe {t}" for t, loud in zip(inputs.texts.to_pylist(), noise, strict=True)
    ]
    given_ = [[int(y >= 2022)] if loud else [2] for y, loud in zip(years, noise, strict=True)]
    named = {PERIOD: inputs.circumstances[PERIOD]}
    some = replace(inputs, texts=pa.array(texts), circumstances=named)
    return some, labels_of(given_, ("Grass", "Snow", "Water"))


@pytest.fixture(scope="module")
def renamed():
    return fit(*_renamed(), seed=1)


def test_an_appeal_later_than_all_is_judged_as_of_the_last_quarter(renamed):
    assert PERIOD in renamed.columns.read()
    one = inputs_of(["noise w1 w2"] * 3)
    quarters = ["2020-1", "2023-4", "2031-2"]
    seen = replace(one, circumstances={PERIOD: pa.array(quarters)})
    scores = renamed.scores(seen)
    assert scores[:, :2].argmax(axis=1).tolist() == [0, 1, 1]
    assert (scores[1] == scores[2]).all()


def test_the_quarter_is_among_the_reasons_and_all_sum_to_the_score(renamed, boston):
    seen = replace(inputs_of(["noise w1 w2"]), circumstances={PERIOD: pa.array(["2022-3"])})
    reasons = explain(renamed, seen, 1)
    assert sum(r.weight for r in reasons) == pytest.approx(float(renamed.scores(seen)[0, 1]), abs=1e-3)
    names = {trait_in_words(r.name, boston, "en") for r in reasons if r.kind == TRAIT}
    assert names == {"in the year 2022", "in quarter 3 of 2022"}


def test_all_circumstances_have_words(boston):
    names = ["month=12", "weekday=1", "hour=07", "cell=42.355,-71.060", "period=2024", "channel=web"]
    assert [trait_in_words(name, boston, "en") for name in names] == [
        "in December",
        "on a Monday",
        "in the hour from 07:00",
        "in the square kilometre around 42.355,-71.060",
        "in the year 2024",
        "channel web",
    ]
