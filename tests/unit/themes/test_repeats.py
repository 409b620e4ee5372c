"""Copies and near copies meet in groups; forms and commonplaces do not."""

import datetime as dt

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from veche.core.appeal import APPEAL
from veche.stages.columns import MASKED_TEXT, TOKENS
from veche.stages.repeats import RepeatsStage
from veche.themes.repeats import REPEATS, group_repeats

ROAD = (
    "Просим отремонтировать дорогу между посёлком Луговой и районным центром, автобус не ходит второй месяц, "
    "дети не могут попасть в школу, а скорая едет к больным больше часа"
)
PARK = (
    "The city wants to sell Elm Park to a developer. Our children play there and there is no other "
    "green place in the ward, so please stop the sale and hold a public hearing first"
)
START = dt.datetime(2024, 3, 1, 9, 0, tzinfo=dt.UTC)


def appeals(texts, **columns):
    n = len(texts)
    ids = [f"{i:032x}" for i in range(n)]
    data = {"appeal_id": pa.array(ids), MASKED_TEXT.name: pa.array(texts, pa.string())}
    for name, values in columns.items():
        data[name] = pa.array(values, APPEAL.field(name).type)
    return pa.table(data)


def write(table, folder, *, rows_per_part=1000):
    parts = []
    for at in range(0, len(table), rows_per_part):
        batch = table.slice(at, rows_per_part)
        batch = RepeatsStage()(batch.append_column(TOKENS, pa.nulls(len(batch), TOKENS.type)))
        parts.append(folder / f"part-{at:09}.parquet")
        pq.write_table(batch, parts[-1])
    return parts


def group(folder, texts, **columns):
    return group_repeats(write(appeals(texts, **columns), folder)).to_pylist()


def numbers(rows):
    """Return the row number of each row's group leader, None where it is alone."""
    return [None if r["repeat"] is None else int(r["repeat"], 16) for r in rows]


def days(*offsets):
    return [None if o is None else START + dt.timedelta(days=o) for o in offsets]


def test_exact_copies_meet_whatever_their_case_and_punctuation(tmp_path):
    rows = group(tmp_path, [ROAD, PARK, ROAD.upper() + "!!!"])
    assert numbers(rows) == [0, None, 0]
    assert [r["copy_of"] is None for r in rows] == [True, True, False]
    assert [r["repeat_size"] for r in rows] == [2, 1, 2]


def test_a_letter_with_a_changed_word_and_a_greeting_is_a_near_copy(tmp_path):
    rows = group(tmp_path, [ROAD, "Добрый день! " + ROAD.replace("второй", "третий"), PARK])
    assert numbers(rows) == [0, 0, None]
    assert 0.6 < rows[1]["similarity"] < 1


def test_letters_about_the_same_in_other_words_are_no_copies(tmp_path):
    other = "Дорога до Лугового разбита, поэтому отменили автобус, а врача ждём полтора часа. Когда починят?"
    assert numbers(group(tmp_path, [ROAD, other])) == [None, None]


def test_the_earliest_leads_the_group_wherever_it_stands_in_the_file(tmp_path):
    rows = group(tmp_path, [PARK, PARK, PARK, PARK], received_at=days(5, 2, None, 3))
    assert numbers(rows) == [1, 1, 1, 1]
    assert rows[1]["copy_of"] is None


def test_short_texts_meet_only_as_exact_copies_and_are_boilerplate(tmp_path):
    rows = group(tmp_path, ["Спасибо!", "спасибо", "Большое спасибо", "did not answer", "Did not answer."])
    assert numbers(rows) == [0, 0, None, 3, 3]
    assert [r["boilerplate"] for r in rows] == [True, True, False, True, True]
    assert all(r["copy_of"] is None for r in rows)
    assert not any(r["campaign"] for r in rows)


def test_short_texts_from_one_place_and_day_are_copies(tmp_path):
    rows = group(
        tmp_path,
        ["Pothole again", "Pothole again", "Pothole again"],
        lat=[42.300, 42.301, 42.350],
        lon=[-71.10, -71.10, -71.05],
        received_at=days(0, 1, 1),
    )
    assert numbers(rows) == [0, 0, None]
    assert rows[1]["copy_of"] is not None


def test_one_everyday_sentence_about_two_places_is_no_copy(tmp_path):
    text = ["The sidewalk here is a sheet of ice"] * 2
    assert numbers(group(tmp_path, text, lat=[42.30, 42.36], lon=[-71.1, -71.0])) == [None, None]


def test_one_everyday_sentence_of_one_author_is_a_copy_wherever_it_is_about(tmp_path):
    text = ["The sidewalk here is a sheet of ice"] * 2
    rows = group(tmp_path, text, lat=[42.30, 42.36], lon=[-71.1, -71.0], author=["k1", "k1"])
    assert numbers(rows) == [0, 0]


def test_a_long_letter_about_two_places_is_a_copy(tmp_path):
    assert numbers(group(tmp_path, [PARK, PARK], lat=[42.30, 42.36], lon=[-71.1, -71.0])) == [0, 0]


def test_a_second_report_300_metres_and_minutes_away_by_the_same_author_is_a_repeat(tmp_path):
    first = "Big pothole in front of the bakery on Elm Street, two cars lost a wheel today"
    second = "Big pothole in front of the bakery on Elm Street, two cars lost their wheels, please hurry"
    rows = group(
        tmp_path, [first, second], lat=[42.300, 42.3027], lon=[-71.1, -71.1], author=["k1", "k1"],
        received_at=[START, START + dt.timedelta(minutes=7)],
    )  # fmt: skip
    assert numbers(rows) == [0, 0]


MAKES = ("Ford", "Honda", "Toyota", "Audi", "Volvo", "Mazda", "Nissan", "Kia", "Jeep", "Dodge")
COLOURS = ("red", "blue", "black", "white", "green", "grey", "silver", "gold", "beige", "brown")
STATES = ("MA", "NH", "RI", "ME", "CT", "NY", "VT")


def forms(n):
    return [
        f"Make of the abandoned car: {MAKES[i % 10]} | Color of the abandoned car: {COLOURS[i // 10 % 10]} | "
        f"State of the licence plate if available: {STATES[i // 100 % 7]} | "
        f"Details: seen {i % 13} times near {i * 7919 % 997}"
        for i in range(n)
    ]


def test_reports_on_one_form_do_not_melt_into_a_group(tmp_path):
    n = 1400
    lat = [42.2 + i * 37 % 1000 / 5000 for i in range(n)]
    lon = [-71.1 + i * 91 % 1000 / 5000 for i in range(n)]
    rows = group(tmp_path, forms(n), lat=lat, lon=lon)
    assert max(r["repeat_size"] for r in rows) <= 3


def test_a_letter_of_many_authors_within_days_is_a_campaign(tmp_path):
    texts = [PARK if i % 2 else f"{PARK}. I have lived here for {i + 20} years." for i in range(12)]
    rows = group(tmp_path, [*texts, ROAD], author=[f"k{i}" for i in range(13)], received_at=days(*range(13)))
    assert [r["campaign"] for r in rows] == [True] * 12 + [False]


def test_the_same_letter_sent_many_times_by_one_author_is_no_campaign(tmp_path):
    rows = group(tmp_path, [PARK] * 30, author=["k1"] * 30, received_at=days(*range(30)))
    assert not any(r["campaign"] for r in rows)


def test_the_same_letter_spread_over_years_is_no_campaign(tmp_path):
    rows = group(
        tmp_path, [PARK] * 15, author=[f"k{i}" for i in range(15)], received_at=days(*range(0, 1500, 100))
    )
    assert not any(r["campaign"] for r in rows)


def test_unknown_authors_make_a_campaign_only_in_greater_number(tmp_path):
    few = group(tmp_path, [PARK] * 12)
    many = group(tmp_path, [PARK] * 25)
    assert not any(r["campaign"] for r in few)
    assert all(r["campaign"] for r in many)


def test_a_chain_of_small_changes_does_not_join_its_ends(tmp_path):
    words = [f"слово{i}" for i in range(60)]
    chain = [" ".join(words[i : i + 20]) for i in range(0, 40)]
    rows = group(tmp_path, chain)
    assert numbers(rows)[0] == 0
    assert numbers(rows)[39] not in (0, None)


def test_appeals_without_hashes_are_alone(tmp_path):
    path = tmp_path / "part.parquet"
    pq.write_table(appeals([PARK, PARK]), path)
    table = group_repeats([path])
    assert table["repeat"].null_count == 2
    assert table["repeat_size"].to_pylist() == [1, 1]


def test_no_parts_give_no_rows():
    table = group_repeats([])
    assert table.num_rows == 0
    assert table.schema == REPEATS


VOCABULARY = (ROAD + " " + PARK).split()
LETTERS = st.one_of(
    st.sampled_from([ROAD, PARK, "спасибо", "", "!!!"]),
    st.lists(st.sampled_from(VOCABULARY), max_size=30).map(" ".join),
)
APPEALS = st.lists(
    st.tuples(LETTERS, st.integers(0, 400), st.sampled_from([None, "k1", "k2"])), min_size=1, max_size=40
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(APPEALS, st.integers(1, 50))
def test_groups_are_disjoint_and_of_their_size_and_do_not_depend_on_the_cut(tmp_path, rows, rows_per_part):
    texts, day, author = zip(*rows, strict=True)
    table = appeals(texts, received_at=days(*day), author=author)
    out = group_repeats(write(table, tmp_path))
    found = out.to_pylist()
    members = {}
    for row in found:
        members.setdefault(row["repeat"] or row["appeal_id"], []).append(row)
    for leader, group_rows in members.items():
        assert leader in {r["appeal_id"] for r in group_rows}
        assert {r["repeat_size"] for r in group_rows} == {len(group_rows)}
        assert (len(group_rows) == 1) == (group_rows[0]["repeat"] is None)
        assert min(day[int(r["appeal_id"], 16)] for r in group_rows) == day[int(leader, 16)]
    for letter in (ROAD, PARK):
        assert len({found[i]["repeat"] for i, t in enumerate(texts) if t == letter}) <= 1
    assert group_repeats(write(table, tmp_path, rows_per_part=rows_per_part)).equals(out)
