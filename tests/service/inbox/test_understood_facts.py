"""Copies, searches and second looks: what follows from understanding."""

from datetime import date

import duckdb
import pytest
from tests.service.inbox.understanding import drain, opened, worker_here

LAMP = "Уже третью неделю во дворе дома на улице Гагарина не горит ни один фонарь, дети боятся выходить."
SAME_BUT_A_WORD = LAMP.replace("дети боятся", "люди боятся")
WATER = "В доме на улице Мира пятый день нет горячей воды, управляющая компания не отвечает на звонки."


def test_an_exact_copy_names_the_first(handed_in, understood, rows_of):
    first, other, copy = handed_in(LAMP, WATER, LAMP.upper())
    understood()
    assert dict(rows_of("SELECT id, copy_of_id FROM inbox_appeal")) == {first: None, other: None, copy: first}
    found = rows_of(
        "SELECT appeal_id, value, confidence FROM inbox_finding WHERE facet = 'repeat' ORDER BY 1"
    )
    assert found == [(first, str(first), 1.0), (copy, str(first), 1.0)]


def test_copies_are_found_across_chunks_and_the_first_speaks_once(handed_in, understood, rows_of):
    (first,) = handed_in(LAMP)
    understood()
    near = handed_in(SAME_BUT_A_WORD) + handed_in(LAMP.upper())
    understood()
    assert dict(rows_of("SELECT id, copy_of_id FROM inbox_appeal WHERE id <> %s", first)) == dict.fromkeys(
        near, first
    )
    said = rows_of("SELECT count(*) FROM inbox_finding WHERE facet = 'repeat' AND appeal_id = %s", first)
    assert said == [(1,)]


def test_copies_of_another_tenant_are_none(handed_in, understood, rows_of):
    handed_in(LAMP, to="region")
    handed_in(LAMP, to="other")
    understood()
    assert rows_of("SELECT count(*) FROM inbox_appeal WHERE copy_of_id IS NOT NULL") == [(0,)]


def test_what_a_text_was_compared_by_goes_with_the_text(handed_in, understood, rows_of):
    handed_in(LAMP)
    understood()
    assert rows_of("SELECT count(*) FROM inbox_band") == [(32,)]
    rows_of("DELETE FROM inbox_appealtext RETURNING 1")
    assert rows_of("SELECT count(*) FROM inbox_band") == [(0,)]
    assert rows_of("SELECT count(*) FROM inbox_signature") == [(0,)]


@pytest.fixture(scope="module")
def sample_run(tmp_path_factory):
    """A run over sample appeals, some of which repeat others, and the rows in the order of the file."""
    from veche.cli import main
    from veche.intake import Intake

    folder = tmp_path_factory.mktemp("repeats")
    source = folder / "appeals.jsonl"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VECHE_KEY_FILE", str(folder / "key"))
        for command in (
            ["sample", "--pack", "ru", "--n", "1500", "--out", str(source)],
            ["run", str(source), "--pack", "ru", "--out", str(folder / "out"), "--workers", "1"],
        ):
            with pytest.raises(SystemExit) as ended:
                main(command)
            assert not ended.value.code
    (rows,) = Intake([str(source)], timezone="Europe/Moscow")
    written = duckdb.sql(f"SELECT row, copy_of, repeat FROM '{folder}/out/appeals/*.parquet'").fetchall()
    groups = {row: group for row, _copy_of, group in written if group}
    return rows.to_pylist(), groups


def pairs(groups):
    members = {}
    for row, group in groups.items():
        members.setdefault(group, []).append(row)
    return {(a, b) for rows in members.values() for a in rows for b in rows if a < b}


def test_copies_agree_with_those_of_a_run_over_the_same_rows(sample_run, handed_in, understood, rows_of):
    from veche.service.inbox.incoming import Incoming

    rows, expected = sample_run
    same = ("text", "received_at", "foreign_id", "lat", "lon", "age", "sex", "declared_territory")
    batch = [
        Incoming(contacts=[row["author"]] if row["author"] else (), **{name: row[name] for name in same})
        for row in rows
    ]
    ids = handed_in(*batch)
    understood()
    said = dict(rows_of("SELECT appeal_id, value FROM inbox_finding WHERE facet = 'repeat'"))
    live = {row["row"]: said[id] for row, id in zip(rows, ids, strict=True) if id in said}
    ours, theirs = pairs(live), pairs(expected)
    assert len(theirs) > 50
    agreement = len(ours & theirs) / len(ours | theirs)
    assert agreement > 0.9, (agreement, len(ours), len(theirs))


@pytest.fixture
def anew(cast, as_worker):
    """Understand topics of the region anew with a pack whose topics go by other codes."""
    from veche.service.inbox.means import Means
    from veche.service.inbox.reprocess import Task

    task = Task(cast.tenants.region.pk, Means("ru"), "topic", date(2026, 1, 1), date(2026, 12, 31))

    class Renamed:
        """The same stages, whose topics are called otherwise by a newer version."""

        def __init__(self):
            self.inner = opened("ru")
            self.makers = {**self.inner.makers, "topic": ("topic", "9")}

        def __getattr__(self, name):
            return getattr(self.inner, name)

        def __call__(self, originals):
            import pyarrow as pa

            from veche.core.finding import DECISIONS
            from veche.service.inbox.understand import Understood

            table, vectors = self.inner(originals)
            named = [
                [{**d, "value": f"new.{d['value']}"} for d in decisions or ()]
                for decisions in table["topic"].to_pylist()
            ]
            at = table.column_names.index("topic")
            return Understood(table.set_column(at, "topic", pa.array(named, DECISIONS)), vectors)

    def work(step):
        with as_worker():
            return step(task, Renamed())

    return work


def test_a_dry_run_shows_what_would_change_and_changes_nothing(anew, handed_in, understood, rows_of):
    from veche.service.inbox.reprocess import preview

    handed_in(LAMP, WATER)
    understood()
    before = rows_of("SELECT * FROM inbox_finding ORDER BY id")
    outcome = anew(lambda task, u: preview(task, understanding=u))
    assert (outcome.seen, outcome.changed, outcome.spared) == (2, 2, 0)
    assert all(after == f"new.{was}" for was, after in outcome.moves)
    assert rows_of("SELECT * FROM inbox_finding ORDER BY id") == before
    assert rows_of("SELECT count(*) FROM inbox_break") == [(0,)]


def test_a_second_look_adds_findings_spares_people_and_marks_the_break(anew, handed_in, understood, rows_of):
    from veche.service.inbox.reprocess import reprocess

    lamp, water = handed_in(LAMP, WATER)
    understood()
    rows_of(
        "INSERT INTO inbox_finding SELECT now(), gen_random_uuid(), tenant_id, appeal_id, 0, 'topic', 0,"
        " 'mine', 1, '[]', 'person', 'person', '', pack_version FROM inbox_finding"
        " WHERE appeal_id = %s LIMIT 1 RETURNING 1",
        water,
    )
    before = rows_of("SELECT id FROM inbox_finding")
    outcome = anew(lambda task, u: reprocess(task, understanding=u, actor="process:test"))
    assert (outcome.changed, outcome.spared) == (1, 1)
    topics = dict(rows_of("SELECT id, topic FROM inbox_appeal"))
    assert topics[lamp].startswith("new.")
    assert not topics[water].startswith("new.")
    assert set(before) < set(rows_of("SELECT id FROM inbox_finding"))
    ((facet, changed, version, done),) = rows_of(
        "SELECT facet, changed, to_version, finished_at IS NOT NULL FROM inbox_break"
    )
    assert (facet, changed, done) == ("topic", 1, True)
    assert version.startswith("topic 9")


def test_a_second_look_that_was_interrupted_goes_on(anew, handed_in, understood, rows_of, monkeypatch):
    from veche.service.inbox import reprocess as work

    monkeypatch.setattr(work, "CHUNK", 1)
    handed_in(LAMP, WATER)
    understood()

    def stop(_seen):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        anew(lambda task, u: work.reprocess(task, understanding=u, actor="process:test", told=stop))
    assert rows_of("SELECT seen, finished_at FROM inbox_break") == [(1, None)]
    outcome = anew(lambda task, u: work.reprocess(task, understanding=u, actor="process:test"))
    assert outcome.seen == 1
    assert rows_of("SELECT seen, changed, finished_at IS NOT NULL FROM inbox_break") == [(2, 2, True)]


def test_an_appeal_that_somebody_works_on_is_spared(anew, handed_in, understood, monkeypatch):
    from veche.service.inbox import reprocess as work

    lamp, _water = handed_in(LAMP, WATER)
    understood()
    monkeypatch.setattr(
        work, "OPEN_WORK", [f"SELECT id FROM unnest(%s::uuid[]) AS a (id) WHERE id = '{lamp}'"]
    )
    outcome = anew(lambda task, u: work.reprocess(task, understanding=u, actor="process:test"))
    assert (outcome.changed, outcome.spared) == (1, 1)


def test_the_rarity_of_words_is_read_anew_as_a_tenant_grows(urls, as_worker, handed_in):
    from veche.service.accounts.acting import working

    with as_worker():
        worker = worker_here(urls.worker)
        handed_in(LAMP, SAME_BUT_A_WORD, WATER)
        drain(worker)
        ((tenant, known),) = worker._alike._known.items()
        assert known.n_texts == 0
        with working(tenant):
            assert worker._alike.rarity(tenant).n_texts == 3
