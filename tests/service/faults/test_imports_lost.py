"""What becomes of a file of appeals when processes are killed, the disk is full, or something breaks."""

import os
import time
from contextlib import contextmanager

import psycopg
import pytest

from veche.core.errors import ServiceFault

FILE = "".join(f'{{"id": "{i}", "text": "Во дворе дома {i} темно."}}\n' for i in range(30)).encode()


@pytest.fixture
def editor(cast, as_owner):
    """A browser in which the region's editor is signed in; the channel of files is open."""
    from django.test import Client

    from veche.service.inbox.models import Channel

    with as_owner():
        Channel.objects.create(tenant=cast.tenants.region, code="file", title="Files")
    client = Client(raise_request_exception=False)
    client.force_login(cast.people.editor)
    return client


@pytest.fixture
def brought(editor, jobs, cast):
    """A file that was brought and looked through, as it stands whenever it is asked for."""
    editor.post("/files/bring/", {"tenant": "region", "file": _file()})
    jobs()
    return lambda: _import_of(cast.tenants.region.pk)


@pytest.fixture
def refusing(urls):
    """Let the database refuse appeals with an error of its own; inside the `with` only."""

    @contextmanager
    def call(condition):
        with psycopg.connect(urls.owner, autocommit=True) as connection:
            connection.execute(
                f"""
                CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    RAISE {condition};
                END $$;
                CREATE TRIGGER refuse AFTER INSERT ON inbox_appeal EXECUTE FUNCTION refuse();
                """
            )
            try:
                yield
            finally:
                connection.execute("DROP TRIGGER refuse ON inbox_appeal; DROP FUNCTION refuse()")

    return call


def _file():
    import io

    file = io.BytesIO(FILE)
    file.name = "appeals.jsonl"
    return file


def _import_of(tenant):
    from veche.service.accounts.acting import working
    from veche.service.inbox.models import FileImport

    with working(tenant):
        return FileImport.objects.get()


def _confirm(editor, found):
    assert editor.post(f"/files/{found.pk}/confirm/").status_code == 302


def _ids(found):
    return {"tenant": str(found.tenant_id), "file": str(found.pk)}


def _same_transaction(urls):
    """Tell whether the last job was written in the transaction that wrote the import last."""
    with psycopg.connect(urls.owner) as connection:
        row = connection.execute(
            "SELECT f.xmin = j.xmin FROM inbox_fileimport f, procrastinate_jobs j ORDER BY j.id DESC LIMIT 1"
        ).fetchone()
    return row[0]


def test_a_file_and_the_job_that_looks_through_it_are_durable_together(editor, urls):
    editor.post("/files/bring/", {"tenant": "region", "file": _file()})
    assert _same_transaction(urls)


def test_a_press_of_the_button_and_the_job_that_follows_are_durable_together(editor, brought, urls):
    _confirm(editor, brought())
    assert _same_transaction(urls)


def test_a_job_that_is_begun_again_after_its_end_changes_nothing(editor, brought, jobs):
    from veche.service.inbox import tasks

    _confirm(editor, brought())
    tasks.look_through(**_ids(brought()))
    assert brought().state == "importing"
    jobs()
    tasks.bring_in(**_ids(brought()))
    assert (brought().state, brought().accepted, brought().failure) == ("done", len(FILE.splitlines()), "")


def test_a_file_that_its_killed_process_left_is_removed_when_the_job_is_begun_again(editor, brought, jobs):
    from veche.service.inbox import imports, tasks

    _confirm(editor, brought())
    jobs()
    path = imports.path_of(brought())
    path.write_bytes(FILE)
    tasks.bring_in(**_ids(brought()))
    assert not path.exists()


def test_an_import_that_found_the_disk_full_goes_on_when_there_is_room(editor, brought, jobs, refusing, urls):
    _confirm(editor, brought())
    with refusing("disk_full"):
        jobs()
    assert brought().state == "importing"
    with psycopg.connect(urls.owner) as connection:
        waiting = "queue_name = 'imports' AND status = 'todo'"
        later = connection.execute(f"UPDATE procrastinate_jobs SET scheduled_at = now() WHERE {waiting}")
        assert later.rowcount == 1
    jobs()
    assert (brought().state, brought().accepted) == ("done", len(FILE.splitlines()))


def test_what_nobody_expected_ends_the_import_and_that_is_told(editor, brought, jobs, refusing):
    _confirm(editor, brought())
    with refusing("raise_exception"):
        jobs()
    found = brought()
    assert (found.state, found.failure) == ("failed", ServiceFault.code)
    assert ServiceFault.code in editor.get(f"/files/{found.pk}/").content.decode()


def test_a_file_that_no_import_waits_for_is_removed_after_a_day(brought, home):
    from veche.service.inbox import imports, tasks

    now = time.time()
    waiting = imports.path_of(brought())
    left = [home.path / "imports" / name for name in ("gone.csv", "gone.xlsx.part")]
    young = home.path / "imports" / "young.csv"
    for path in (*left, young):
        path.write_bytes(FILE)
    for path in (*left, waiting):
        os.utime(path, (now - 25 * 3600,) * 2)
    tasks.forget(timestamp=int(now))
    assert waiting.exists()
    assert young.exists()
    assert not any(path.exists() for path in left)
    young.unlink()
