import json
from contextlib import contextmanager
from datetime import UTC, datetime

import psycopg
import pytest

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)

FILE = """id;Текст обращения;Дата;Телефон
1;На улице Лесной не горит фонарь.;20.11.2026;8 900 000-00-01
2;В поликлинике очередь с шести утра.;21.11.2026;8 900 000-00-02
3;;21.11.2026;8 900 000-00-03
4;Спасибо за новый сквер.;21.11.2026;
"""


@pytest.fixture
def bring(cast):
    """Bring a file to the region, as its editor; returns the import."""
    from veche.service.accounts.acting import working
    from veche.service.inbox import imports

    def call(content, suffix=".csv"):
        region, channel = cast.tenants.region, cast.channels.region
        with working(region.pk):
            return imports.receive(region, channel, cast.people.editor, [content], suffix=suffix)

    return call


@pytest.fixture
def through(cast):
    """Look through a brought file and take it in; returns the import as it stands then."""
    from veche.service.accounts.acting import acting
    from veche.service.inbox import imports

    def call(brought):
        imports.look_through(brought.tenant_id, brought.pk, now=NOW)
        with acting(cast.people.editor):
            assert imports.confirm(brought, actor=f"user:{cast.people.editor.pk}")
        imports.bring_in(brought.tenant_id, brought.pk, now=NOW)
        return read(brought)

    return call


def read(brought):
    from veche.service.accounts.acting import working
    from veche.service.inbox.models import FileImport

    with working(brought.tenant_id):
        return FileImport.objects.get(pk=brought.pk)


def count(brought):
    from veche.service.accounts.acting import working
    from veche.service.inbox.models import Appeal

    with working(brought.tenant_id):
        return Appeal.objects.count()


def test_a_file_is_looked_through_before_anything_is_taken(bring):
    from veche.service.inbox import imports

    brought = bring(FILE.encode())
    imports.look_through(brought.tenant_id, brought.pk, now=NOW)
    seen = read(brought)
    assert (seen.state, seen.read, seen.accepted, seen.rejected) == ("checked", 4, 3, 1)
    assert count(brought) == 0
    (source,) = seen.seen["sources"]
    assert source["mapping"]["text"] == {"column": "Текст обращения", "how": "named"}
    assert source["columns"] == ["id", "Текст обращения", "Дата", "Телефон"]


def test_what_is_shown_of_a_file_quotes_none_of_its_values(bring):
    from veche.service.accounts.acting import working
    from veche.service.inbox import imports
    from veche.service.inbox.models import ImportReject

    brought = bring(FILE.encode())
    imports.look_through(brought.tenant_id, brought.pk, now=NOW)
    with working(brought.tenant_id):
        (reject,) = ImportReject.objects.all()
    assert (reject.row, reject.code) == (3, "VECHE-I014")
    shown = json.dumps(read(brought).seen, ensure_ascii=False) + reject.reason
    assert "фонарь" not in shown
    assert "900 000" not in shown


def test_the_rows_of_a_file_are_taken_and_the_file_is_gone(bring, through):
    from veche.service.inbox import imports

    brought = through(bring(FILE.encode()))
    assert (brought.state, brought.accepted, brought.repeated, brought.rejected) == ("done", 3, 0, 1)
    assert count(brought) == 3
    assert not imports.path_of(brought).exists()


def test_a_file_that_is_brought_twice_is_taken_once(bring, through):
    through(bring(FILE.encode()))
    again = through(bring(FILE.encode()))
    assert (again.accepted, again.repeated) == (3, 3)
    assert count(again) == 3


@pytest.fixture
def full_after(urls):
    """Let the database refuse appeals beyond so many, as a full disk does; inside the `with` only."""

    @contextmanager
    def call(most):
        with psycopg.connect(urls.owner, autocommit=True) as connection:
            connection.execute(
                f"""
                CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
                    IF (SELECT count(*) FROM inbox_appeal) > {most} THEN
                        RAISE disk_full;
                    END IF;
                    RETURN NULL;
                END $$;
                CREATE TRIGGER refuse AFTER INSERT ON inbox_appeal EXECUTE FUNCTION refuse();
                """
            )
            try:
                yield
            finally:
                connection.execute("DROP TRIGGER refuse ON inbox_appeal; DROP FUNCTION refuse()")

    return call


def test_an_import_that_was_interrupted_goes_on_without_doubling(bring, cast, full_after, monkeypatch):
    from django.db import OperationalError

    from veche.service.accounts.acting import acting
    from veche.service.inbox import imports

    monkeypatch.setattr(imports, "STEP", 100)
    rows = "".join(f'{{"text": "Обращение номер {i}: во дворе темно."}}\n' for i in range(350))
    brought = bring(rows.encode(), ".jsonl")
    imports.look_through(brought.tenant_id, brought.pk, now=NOW)
    with acting(cast.people.editor):
        imports.confirm(brought, actor=f"user:{cast.people.editor.pk}")
    with full_after(200), pytest.raises(OperationalError):
        imports.bring_in(brought.tenant_id, brought.pk, now=NOW)
    assert count(brought) == 200
    imports.bring_in(brought.tenant_id, brought.pk, now=NOW)
    assert count(brought) == 350
    assert read(brought).state == "done"


def test_an_import_is_cancelled_after_the_step_that_runs(bring, cast, monkeypatch):
    from veche.service.accounts.acting import acting
    from veche.service.inbox import imports

    monkeypatch.setattr(imports, "STEP", 100)
    rows = "".join(f'{{"text": "Обращение номер {i}: во дворе темно."}}\n' for i in range(350))
    brought = bring(rows.encode(), ".jsonl")
    imports.look_through(brought.tenant_id, brought.pk, now=NOW)
    with acting(cast.people.editor):
        imports.confirm(brought, actor=f"user:{cast.people.editor.pk}")
        imports.cancel(read_inside(brought))
    imports.bring_in(brought.tenant_id, brought.pk, now=NOW)
    assert read(brought).state == "cancelled"
    assert count(brought) == 100
    assert not imports.path_of(brought).exists()


def read_inside(brought):
    from veche.service.inbox.models import FileImport

    return FileImport.objects.get(pk=brought.pk)


def test_a_column_that_was_guessed_wrongly_is_named_by_a_person(bring, cast):
    from veche.service.accounts.acting import acting
    from veche.service.inbox import imports

    brought = bring(FILE.encode())
    imports.look_through(brought.tenant_id, brought.pk, now=NOW)
    with acting(cast.people.editor):
        assert imports.remap(brought, {"text": "Телефон"})
    imports.look_through(brought.tenant_id, brought.pk, now=NOW)
    assert read(brought).seen["sources"][0]["mapping"]["text"]["how"] == "given"


def test_a_file_whose_texts_are_not_found_waits_for_a_person_to_name_their_column(bring, cast):
    from veche.service.accounts.acting import acting
    from veche.service.inbox import imports

    brought = bring("a;b\n1;На улице Лесной не горит фонарь.\n2;В поликлинике очередь.\n".encode())
    imports.look_through(brought.tenant_id, brought.pk, now=NOW)
    with acting(cast.people.editor):
        imports.remap(brought, {"text": "c"})
    imports.look_through(brought.tenant_id, brought.pk, now=NOW)
    seen = read(brought)
    assert (seen.state, seen.failure, seen.accepted) == ("checked", "VECHE-U003", 0)
    assert imports.path_of(brought).exists()


def test_another_text_under_an_id_that_came_before_is_told_and_not_taken(bring, through, cast):
    from veche.service.accounts.acting import working
    from veche.service.inbox.models import ImportReject

    through(bring(FILE.encode()))
    again = through(bring(FILE.replace("фонарь", "светофор").encode()))
    assert (again.accepted, again.repeated, again.rejected) == (2, 2, 2)
    with working(cast.tenants.region.pk):
        codes = ImportReject.objects.filter(file_import=again).order_by("row").values_list("row", "code")
        assert list(codes) == [(1, "VECHE-I020"), (3, "VECHE-I014")]


def test_of_two_who_confirm_at_once_one_begins(bring, cast):
    from veche.service.accounts.acting import acting
    from veche.service.inbox import imports

    brought = bring(FILE.encode())
    imports.look_through(brought.tenant_id, brought.pk, now=NOW)
    with acting(cast.people.editor):
        assert [imports.confirm(brought, actor=f"user:{cast.people.editor.pk}") for _ in range(2)] == [
            True,
            False,
        ]


def test_an_empty_file_is_refused_and_leaves_nothing(bring, home):
    from veche.core.errors import SourceEmpty

    before = set(home.imports.iterdir())
    with pytest.raises(SourceEmpty):
        bring(b"")
    assert set(home.imports.iterdir()) == before


def test_a_file_that_nobody_confirmed_is_forgotten_after_a_day(bring):
    from datetime import timedelta

    from veche.service.inbox import imports

    brought = bring(FILE.encode())
    imports.look_through(brought.tenant_id, brought.pk, now=NOW)
    imports.forget_old(brought.tenant_id, now=datetime.now(UTC) + timedelta(days=2))
    assert read(brought).state == "cancelled"
    assert not imports.path_of(brought).exists()
