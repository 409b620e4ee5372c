"""Cubes: what people see is what the database has, whatever happens to it, and no more than they may see."""

import contextlib
import re
import threading
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

ROADS = {
    "day": "2026-11-02",
    "topic": "roads.potholes",
    "body": "roads",
    "territory": "ru/ru-16/ru-16-000-001",
}
WATER = {"day": "2026-11-03", "topic": "water", "territory": "ru/ru-16", "urgency": "life", "language": "tt"}
PENSION = {"day": "2026-11-04", "topic": "pensions", "groups": ["status:pensioner", "age:65+"]}


@contextlib.contextmanager
def acting(user):
    from veche.service.accounts.acting import acting as enter

    with enter(user):
        yield


def seen(user, action="appeal.list"):
    """Return all that a person's cube has, an entry for each appeal."""
    from veche.service.board.scopes import cube_of

    with acting(user):
        return entries(cube_of(user, action))


def entries(cube):
    at = cube.open.nonzero()[0]
    coded = {key: [c.dictionary.values[n] for n in c.codes[at]] for key, c in cube.columns.items()}
    plain = (cube.id[at], cube.received[at], cube.day[at], cube.sure[at], cube.counted[at], cube.number[at])
    return sorted(zip(*(p.tolist() for p in plain), *(coded[key] for key in sorted(coded)), strict=True))


def anew(user, action="appeal.list"):
    """Return the same, read from the database from the first row to the last."""
    from veche.service.board.scopes import forget

    forget()
    return seen(user, action)


def test_each_key_of_an_address_narrows_the_rows(cast, filled):
    from veche.service.board.scopes import cube_of

    theme = uuid4()
    roads, water, pension = filled(
        {**ROADS, "topic_confidence": 0.95},
        {**WATER, "topic_confidence": 0.3},
        {**PENSION, "theme": str(theme)},
    )
    narrowed = {
        "topic=roads": [roads],
        "territory=ru-16": [roads, water],
        "territory=ru/ru-16/ru-16-000-001": [roads],
        "territory=-": [pension],
        "body=roads": [roads],
        "group=age:65%2B": [pension],
        "group=-": [roads, water],
        "language=tt": [water],
        "urgency=life": [water],
        "sure=high": [roads],
        "sure=low": [water],
        "sure=-": [pension],
        f"theme={theme}": [pension],
        "theme=-": [roads, water],
        "topic=roads&topic=water": [roads, water],
        "topic=road": [],
        "since=2026-11-03": [water, pension],
        "until=2026-11-03": [roads, water],
        "channel=api": [roads, water, pension],
        "tenant=region&state=counted": [roads, water, pension],
        "state=received": [],
        "kind=thanks": [],
        "kind=what": [],
    }
    user = cast.people.editor
    with acting(user):
        cube = cube_of(user)
        for address, ids in narrowed.items():
            from django.http import QueryDict

            from veche.service.search.filters import Filters

            keys = Filters.read(QueryDict(address), user)
            assert set(cube.ids(cube.rows(keys))) == set(ids), address


def test_counts_roll_up_their_trees(cast, filled, asked):
    from veche.service.board.scopes import cube_of

    filled(ROADS, ROADS, {**ROADS, "topic": "roads.signs"}, WATER, PENSION)
    user = cast.people.editor
    with acting(user):
        cube = cube_of(user)
        rows = cube.rows(asked())
        assert cube.count(rows, "topic") == {"roads.potholes": 2, "roads.signs": 1, "water": 1, "pensions": 1}
        assert cube.rolled(rows, "topic")["roads"] == 3
        assert cube.rolled(rows, "territory") == {"ru": 4, "ru-16": 4, "ru-16-000-001": 3, "-": 1}
        assert cube.count(rows, "group") == {"-": 4, "status:pensioner": 1, "age:65+": 1}
        assert cube.count(rows, "sure") == {"-": 5}
        assert cube.count(rows, "day") == {"2026-11-02": 3, "2026-11-03": 1, "2026-11-04": 1}
        assert cube.days(rows)[date(2026, 11, 2)] == 3
        labels, table = cube.by_day(rows, "topic", since=date(2026, 11, 1), days=3, rolled=True)
        assert dict(zip(labels, table.tolist(), strict=True))["roads"] == [0, 3, 0]


def test_lists_go_on_behind_the_last_of_a_page(cast, filled, asked):
    from veche.service.board.scopes import cube_of

    moments = [datetime(2026, 11, 1, 9, tzinfo=UTC) + timedelta(minutes=i // 3) for i in range(20)]
    ids = filled(*[{**ROADS, "received_at": m.isoformat()} for m in moments])
    expected = [id for _, id in sorted(zip(moments, ids, strict=True), reverse=True)]
    received = dict(zip(ids, moments, strict=True))
    user = cast.people.editor
    with acting(user):
        cube = cube_of(user)
        rows = cube.rows(asked())
        pages, after = [], None
        while page := cube.ids(rows, 7, after):
            pages += page
            after = (received[page[-1]], page[-1])
        assert pages == expected
        assert [cube.id[i] for i in cube.at(pages)] == [id.bytes.rstrip(b"\0") for id in pages]
        assert cube.at([uuid4()]).tolist() == [-1]
        only = cube.rows(asked(), only=ids[:2])
        assert set(cube.ids(only)) == set(ids[:2])


def test_nobody_sees_more_than_the_walls_let_through(cast, filled):
    in_region = filled(ROADS, WATER)
    in_city = filled(PENSION, to="city")
    in_other = filled(ROADS, to="other")

    def ids(name, action="appeal.list"):
        return {entry[0] for entry in seen(getattr(cast.people, name), action)}

    def of(*groups):
        return {id.bytes.rstrip(b"\0") for group in groups for id in group}

    assert ids("editor") == of(in_region, in_city)
    assert ids("head") == of(in_region, in_city, in_other)
    assert ids("stranger") == of(in_other)
    assert ids("roads") == of(in_region[:1])
    assert ids("mayor") == set()
    assert ids("mayor", "picture.see") == of(in_city)


def test_a_lent_appeal_is_listed_and_not_counted(cast, filled, as_owner):
    from veche.service.accounts.models import Delegation

    [lent, _kept] = filled(ROADS, WATER)
    with as_owner():
        Delegation.objects.create(
            tenant=cast.tenants.region,
            to_tenant=cast.tenants.other,
            appeal_id=lent,
            valid_from=datetime.now(UTC) - timedelta(hours=1),
            lent_by=cast.people.editor,
        )
    assert [entry[0] for entry in seen(cast.people.stranger)] == [lent.bytes.rstrip(b"\0")]
    assert seen(cast.people.stranger, "picture.see") == []


def test_what_left_a_scope_is_dropped(cast, filled, as_owner_sql):
    [one] = filled(ROADS)
    assert len(seen(cast.people.roads)) == 1
    as_owner_sql("UPDATE inbox_appeal SET body = 'water' WHERE id = %s", one)
    assert seen(cast.people.roads) == []
    as_owner_sql("UPDATE inbox_appeal SET body = 'roads' WHERE id = %s", one)
    assert len(seen(cast.people.roads)) == 1


def test_what_is_committed_late_is_not_missed(cast, filled, urls):
    """A transaction that began before a cube was read, and ended after it."""
    first, second = filled(ROADS, WATER)
    user = cast.people.editor
    with psycopg.connect(urls.owner) as slow, psycopg.connect(urls.owner) as quick:
        slow.execute("UPDATE inbox_appeal SET topic = 'slow' WHERE id = %s", [first])
        quick.execute("UPDATE inbox_appeal SET topic = 'quick' WHERE id = %s", [second])
        quick.commit()
        assert "quick" in str(seen(user))
        assert "slow" not in str(seen(user))
        slow.commit()
    assert "slow" in str(seen(user))
    assert seen(user) == anew(user)


def test_what_a_transaction_changed_is_seen_by_it_alone_until_it_ends(cast, filled):
    from django.db import connection, transaction

    from veche.service.board.scopes import cube_of

    [one] = filled(ROADS)
    user = cast.people.editor
    seen(user)
    with acting(user):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE inbox_appeal SET topic = 'mine' WHERE id = %s", [one])
        assert "mine" in str(entries(cube_of(user)))
        transaction.set_rollback(True)
    assert "mine" not in str(seen(user))
    with acting(user):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE inbox_appeal SET topic = 'mine' WHERE id = %s", [one])
        assert "mine" in str(entries(cube_of(user)))
    assert "mine" in str(seen(user))
    assert seen(user) == anew(user)


def test_a_transaction_that_asked_before_it_changed_something_hides_nothing(cast, filled):
    """It has a number already when it asks: what it changes later still reaches the others."""
    from django.db import connection

    from veche.service.board.scopes import cube_of

    [one, other] = filled(ROADS, WATER)
    user = cast.people.editor
    with acting(user):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()")
        with_number = entries(cube_of(user))
        other_thread(lambda: commit_elsewhere(user, other))
        cube_of(user)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE inbox_appeal SET topic = 'later' WHERE id = %s", [one])
    assert len(with_number) == 2
    assert "later" in str(seen(user))
    assert seen(user) == anew(user)


def commit_elsewhere(user, id):
    from django.db import connection

    with acting(user), connection.cursor() as cursor:
        cursor.execute("UPDATE inbox_appeal SET topic = 'elsewhere' WHERE id = %s", [id])


def other_thread(work):
    from django.db import connections

    failed = []

    def run():
        try:
            work()
        except Exception as error:
            failed.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(60)
    assert not thread.is_alive()
    if failed:
        raise failed[0]


def test_people_with_the_same_rights_share_one_cube(cast, filled):
    from veche.service.board.scopes import cube_of

    filled(ROADS)
    with acting(cast.people.editor):
        first = cube_of(cast.people.editor)
    with acting(cast.people.analyst):
        assert (
            cube_of(cast.people.analyst).id is first.id
            or cube_of(cast.people.analyst).id.base is first.id.base
        )


def test_threads_that_ask_at_once_see_the_same(cast, filled):
    filled(*[ROADS] * 20)
    user = cast.people.editor
    answers = []

    def ask():
        from django.db import connections

        try:
            answers.append(seen(user))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(answers) == 8
    assert all(answer == answers[0] for answer in answers)
    assert len(answers[0]) == 20


@pytest.mark.parametrize("late", [0, 3])
def test_cubes_are_put_in_order_when_they_have_grown(cast, filled, as_owner_sql, monkeypatch, late):
    from veche.service.board import rows

    monkeypatch.setattr(rows, "_MOST_LATE", late)
    filled(*[{**ROADS, "day": f"2026-11-{i + 1:02}"} for i in range(9)])
    user = cast.people.editor
    seen(user)
    for topic in ("a", "b", "c", "d"):
        as_owner_sql("UPDATE inbox_appeal SET topic = %s WHERE number %% 2 = 0", topic)
        filled(WATER)
        kept = seen(user)
    assert kept == anew(user)


def test_many_changes_are_read_anew(cast, filled, as_owner_sql, monkeypatch):
    from veche.service.board import scopes

    monkeypatch.setattr(scopes, "MOST_CHANGED", 3)
    filled(*[ROADS] * 6)
    user = cast.people.editor
    seen(user)
    as_owner_sql("UPDATE inbox_appeal SET topic = 'water'")
    kept = seen(user)
    assert {entry[-4] for entry in kept} | {"water"} <= {v for entry in kept for v in entry}
    assert kept == anew(user)


def test_cubes_take_no_more_than_their_share_of_memory(cast, filled, monkeypatch):
    from veche.service.board import scopes

    filled(ROADS)
    monkeypatch.setattr(scopes, "MOST_BYTES", 1)
    for name in ("editor", "head", "stranger", "roads"):
        seen(getattr(cast.people, name), "picture.see")
    assert len(scopes._scopes) == 1


acts = st.lists(
    st.one_of(
        st.tuples(st.just("take"), st.integers(1, 5)),
        st.tuples(
            st.just("understand"), st.integers(0, 30), st.sampled_from(["roads", "roads.signs", "water"])
        ),
        st.tuples(st.just("decide"), st.integers(0, 30), st.sampled_from(["pensions", "schools", ""])),
        st.tuples(st.just("hand"), st.integers(0, 30), st.sampled_from(["roads", "water", ""])),
        st.tuples(st.just("place"), st.integers(0, 30), st.sampled_from(["ru", "ru/ru-16", ""])),
        st.tuples(st.just("theme"), st.integers(0, 30), st.integers(0, 3)),
        st.tuples(st.just("withdraw"), st.integers(0, 30)),
        st.tuples(st.just("erase"), st.integers(0, 30)),
        st.tuples(st.just("look"), st.sampled_from(["editor", "roads", "head"])),
    ),
    min_size=1,
    max_size=14,
)
THEMES = [str(uuid4()) for _ in range(4)]
CHANGES = {
    "understand": "UPDATE inbox_appeal SET state = 'understood', day = '2026-11-05', topic = %s WHERE id = %s"
    " AND state = 'received'",
    "decide": "UPDATE inbox_appeal SET topic = %s, topic_confidence = 1 WHERE id = %s",
    "hand": "UPDATE inbox_appeal SET body = %s WHERE id = %s",
    "place": "UPDATE inbox_appeal SET territory = %s WHERE id = %s",
    "withdraw": "UPDATE inbox_appeal SET state = 'withdrawn' WHERE id = %s AND state <> 'erased'",
    "erase": "UPDATE inbox_appeal SET state = 'erased' WHERE id = %s",
}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=acts)
def test_a_cube_equals_a_fresh_one_and_the_counts_of_the_database(cast, filled, as_owner_sql, asked, acts):
    from veche.service.board.scopes import cube_of

    for act, *what in acts:
        if act == "take":
            filled(*[{"state": "received"}] * what[0])
            continue
        if act == "look":
            seen(getattr(cast.people, what[0]))
            continue
        ids = [row[0] for row in as_owner_sql("SELECT id FROM inbox_appeal ORDER BY number")]
        if not ids:
            continue
        id = ids[what[0] % len(ids)]
        if act == "theme":
            as_owner_sql("UPDATE inbox_appeal SET theme = %s WHERE id = %s", THEMES[what[1]], id)
        else:
            as_owner_sql(CHANGES[act], *what[1:], id)
    for name in ("editor", "roads", "head"):
        user = getattr(cast.people, name)
        assert seen(user) == anew(user)
    user = cast.people.editor
    with acting(user):
        cube = cube_of(user, "picture.see")
        counted = cube.rows(asked(state="counted"))
        for key, column in (
            ("topic", "topic"),
            ("body", "body"),
            ("state", "state"),
            ("language", "language"),
        ):
            expected = as_owner_sql(
                f"SELECT coalesce(nullif({column}, ''), '-'), count(*) FROM inbox_appeal"
                " WHERE tenant_id = %s AND veche_counted(state, day) GROUP BY 1",
                cast.tenants.region.pk,
            )
            assert cube.count(counted, key) == dict(expected)


def test_what_a_backup_brought_is_not_new_for_ever(cast, filled, as_owner_sql):
    """Numbers of transactions that are still to come are those of another database."""
    [one] = filled(ROADS)
    as_owner_sql("ALTER TABLE inbox_appeal DISABLE TRIGGER note_change")
    try:
        as_owner_sql("UPDATE inbox_appeal SET changed = '4000000000' WHERE id = %s", one)
    finally:
        as_owner_sql("ALTER TABLE inbox_appeal ENABLE TRIGGER note_change")
    user = cast.people.editor
    seen(user)
    with acting(user):
        from veche.service.board.scopes import _asked, _changed

        assert _changed(_asked()[1]) == {}


def test_changes_are_found_by_their_index(cast, filled):
    from django.db import connection

    filled(*[ROADS] * 50)
    with acting(cast.people.editor), connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'veche_changed'")
        [(source,)] = cursor.fetchall()
        query = source.replace("since", "pg_current_snapshot()").replace("LIMIT most", "")
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN " + query)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert plan.count("inbox_appeal_changed") == 2
    assert re.findall(r"Index Cond: \(+(changed \S+)", plan) == ["changed >=", "changed ="]
    assert not re.search(r"Filter: .*changed", plan)
