"""Erasing a person."""

import shutil
from types import SimpleNamespace
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from tests.service.conftest import connected
from tests.service.vault.scan import files_with, tables_with

from veche.core.errors import NoSuchPerson, NotYours, OriginalGone, PersonErased, ReasonNeeded

MARK = "zyxinventedmark"
CONTACT = f"{MARK}@citizen.example"
WORDS = f"The lamp of {MARK} at Invented Lane is dark."
_WAITING = "INSERT INTO inbox_pending (appeal_id, tenant_id, since, tries) VALUES (%s, %s, now(), 0)"
REASON = "Statement 17 of 22 November"


def erase(cast, person, reason=REASON, by=None):
    from veche.service.accounts.acting import acting
    from veche.service.vault.erase import erase_person

    by = by or cast.people.administrator
    with acting(by):
        return erase_person(person, by=by, reason=reason)


def attach(appeal, content):
    from veche.service.accounts.acting import working
    from veche.service.vault.files import path_of, store

    file = SimpleNamespace(id=uuid4(), media_type="image/png", extension="png", content=content)
    with working(appeal.tenant_id):
        store(appeal.tenant_id, appeal.pk, appeal.person_id, [file])
    return path_of(file.id, appeal.tenant_id)


@pytest.fixture
def known(cast, wrote):
    """An author of two appeals, with a file, a look whose reason names them, and a finding of free words."""
    from django.db import connection

    from veche.core.ids import uuid7
    from veche.service.accounts.acting import acting, working
    from veche.service.inbox.models import Finding
    from veche.service.vault.look import look_at_original

    region = cast.tenants.region
    appeals = wrote(region, cast.channels.region, text=WORDS, contact=CONTACT, n=2)
    path = attach(appeals[0], WORDS.encode() * 5000)
    with acting(cast.people.editor):
        look_at_original(cast.people.editor, appeals[0].pk, f"Complaint of {MARK}")
    with working(region.pk):
        finding = Finding.objects.filter(appeal=appeals[0]).get()
        finding.id, finding.facet, finding.value = uuid7(), "whom they blame", WORDS
        finding.save(force_insert=True)
        finding.id, finding.facet, finding.value = uuid7(), "place", "RU/RU-TA/kazan"
        finding.save(force_insert=True)
        with connection.cursor() as cursor:
            cursor.execute(_WAITING, [appeals[1].pk, region.pk])
    return SimpleNamespace(appeals=appeals, person=appeals[0].person_id, path=path, finding=finding)


def test_after_an_erasure_no_table_and_no_file_holds_the_words(cast, known, home, superuser, urls):
    from django.db import connection

    connection.close()
    month = f"inbox_finding_{known.finding.made_at:%Y_%m}"
    assert {"inbox_appealtext", "vault_look", month} <= tables_with(superuser, urls, MARK)
    erase(cast, known.person)
    assert tables_with(superuser, urls, MARK) == set()
    assert files_with(home, MARK) == []
    assert not known.path.exists()


def test_an_erasure_leaves_counts_numbers_and_places(cast, known):
    from veche.service.accounts.acting import working
    from veche.service.inbox.models import Appeal, AppealText, Attachment, Finding, Pending, Person
    from veche.service.vault.models import PersonKey, Sealed
    from veche.service.vault.seal import open_appeal

    erase(cast, known.person)
    with working(cast.tenants.region.pk):
        assert {(a.state, a.topic, a.number) for a in Appeal.objects.all()} == {
            ("erased", "roads", a.number) for a in known.appeals
        }
        for model in (AppealText, Attachment, Pending, PersonKey, Sealed):
            assert not model.objects.exists()
        person = Person.objects.get(pk=known.person)
        assert person.erased_at
        assert person.contact_hash is None
        values = {(f.facet, f.value) for f in Finding.objects.all()}
        assert values == {("topic", "roads"), ("place", "RU/RU-TA/kazan"), ("whom they blame", None)}
        assert not Finding.objects.exclude(evidence=[]).exists()
        with pytest.raises(OriginalGone):
            open_appeal(known.appeals[0].pk)


def test_others_keep_what_they_wrote(cast, known, wrote):
    from veche.service.accounts.acting import working
    from veche.service.inbox.models import AppealText
    from veche.service.vault.seal import open_appeal

    [other] = wrote(cast.tenants.region, cast.channels.region, text="Another's words.", contact="b@c.example")
    path = attach(other, b"Another's picture.")
    erase(cast, known.person)
    with working(other.tenant_id):
        assert open_appeal(other.pk).text == "Another's words."
        assert AppealText.objects.get().appeal_id == other.pk
    assert path.exists()


def test_the_certificate_says_what_was_destroyed_in_both_languages(cast, known, as_owner):
    from veche.service.accounts.acting import working
    from veche.service.ledger.models import LedgerEntry
    from veche.service.vault.certificate import as_json, as_pages
    from veche.service.vault.erase import note_derived

    with working(cast.tenants.region.pk):
        note_derived(cast.tenants.region.pk, "export", "appeals of November")
    with working(cast.tenants.city.pk):
        note_derived(cast.tenants.city.pk, "export", "of another authority")
    erasure = erase(cast, known.person)
    with as_owner():
        entry = LedgerEntry.objects.get(act="person.erased")
        erasure.refresh_from_db()
        stated, pages = as_json(erasure), as_pages(erasure)
    assert stated["destroyed"] == {
        "keys": 1,
        "originals": 2,
        "texts": 2,
        "attachments": 1,
        "findings": 4,
        "reasons": 1,
        "pending": 1,
        "appeals": 2,
    }
    assert stated["ledger"] == {"seq": entry.seq, "hash": entry.hash}
    assert stated["by"] == cast.people.administrator.name
    assert [renew["title"] for renew in stated["to_renew"]] == ["appeals of November"]
    assert entry.object_id == str(known.person)
    assert set(pages) == {"en", "ru"}
    for page in pages.values():
        for fact in (str(erasure.pk), str(known.person), entry.hash, REASON, "appeals of November", "Region"):
            assert fact in page
        assert MARK not in page


@pytest.mark.parametrize(
    "who", ["editor", "analyst", "official", "controller", "auditor", "head", "mayor", "stranger"]
)
def test_only_an_administrator_of_the_authority_erases(cast, known, who):
    from veche.service.accounts.acting import working
    from veche.service.vault.seal import open_appeal

    with pytest.raises(NotYours):
        erase(cast, known.person, by=getattr(cast.people, who))
    with working(cast.tenants.region.pk):
        assert open_appeal(known.appeals[0].pk).text == WORDS
    assert known.path.exists()


def test_an_erasure_needs_a_reason_and_happens_once(cast, known):
    with pytest.raises(ReasonNeeded):
        erase(cast, known.person, reason="because")
    erase(cast, known.person)
    with pytest.raises(NoSuchPerson):
        erase(cast, known.person)


def test_an_erasure_that_is_not_committed_destroys_nothing(cast, known):
    from django.db import transaction

    from veche.service.accounts.acting import acting, working
    from veche.service.vault.erase import erase_person
    from veche.service.vault.seal import open_appeal

    admin = cast.people.administrator
    with acting(admin):
        erase_person(known.person, by=admin, reason=REASON)
        transaction.set_rollback(True)
    with working(cast.tenants.region.pk):
        assert open_appeal(known.appeals[0].pk).text == WORDS
    assert known.path.exists()


def test_who_was_erased_comes_back_as_a_new_person(cast, known, wrote):
    from veche.service.accounts.acting import working
    from veche.service.vault.keys import keys_for

    erase(cast, known.person)
    [again] = wrote(cast.tenants.region, cast.channels.region, text="New words.", contact=CONTACT)
    assert again.person_id != known.person
    with working(again.tenant_id), pytest.raises(PersonErased):
        keys_for([known.person], again.tenant_id)


def test_an_appeal_that_comes_in_meanwhile_is_erased_too_or_refused(cast, known):
    """Whoever seals first is erased too; whoever comes later hears of it."""
    import threading

    from django.db import connection
    from tests.service.vault.conftest import make_appeals

    from veche.service.accounts.acting import working
    from veche.service.inbox.models import Appeal, Person
    from veche.service.vault.models import PersonKey, Sealed

    region, refused, stop = cast.tenants.region, [], threading.Event()
    with working(region.pk):
        person = Person.objects.get(pk=known.person)

    def intake():
        while not refused and not stop.is_set():
            try:
                make_appeals(region, cast.channels.region, text=WORDS, person=person)
            except PersonErased as error:
                refused.append(error)
        connection.close()

    threads = [threading.Thread(target=intake) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        erase(cast, known.person)
        for thread in threads:
            thread.join(20)
    finally:
        stop.set()
    assert refused
    with working(region.pk):
        assert not Sealed.objects.exists()
        assert not PersonKey.objects.exists()
        assert set(Appeal.objects.values_list("state", flat=True)) == {"erased"}


def test_what_a_restored_backup_brought_back_is_erased_again(cast, known, home, superuser, urls, tmp_path):
    from veche.service.accounts.acting import working
    from veche.service.inbox.models import Person
    from veche.service.vault.erase import Replayed, replay_erasures
    from veche.service.vault.journal import carry
    from veche.service.vault.seal import open_appeal

    journal, region = tmp_path / "erasures.jsonl", cast.tenants.region
    with backup(superuser, urls, home) as restore:
        erasure = erase(cast, known.person)
        with psycopg.connect(urls.sealer) as sealer:
            assert carry(sealer.cursor(), journal) == 1
            assert carry(sealer.cursor(), journal) == 0
        assert MARK not in journal.read_text()
        assert erasure.ledger_hash in journal.read_text()
        with restore() as restored:
            with working(region.pk):
                assert open_appeal(known.appeals[0].pk).text == WORDS
            assert known.path.exists()
            assert replay_erasures(journal) == Replayed(erased=1)
            assert replay_erasures(journal) == Replayed(already=1)
            with working(region.pk):
                assert Person.objects.get(pk=known.person).erased_at
            assert tables_with(superuser, restored, MARK) == set()
            assert files_with(home, MARK) == []
            assert not known.path.exists()
    assert replay_erasures(journal) == Replayed(already=1)


def test_a_replay_passes_over_whom_the_backup_does_not_know(cast, known, tmp_path, urls, superuser):
    from tests.service.conftest import empty

    from veche.service.vault.erase import Replayed, replay_erasures
    from veche.service.vault.journal import carry

    erase(cast, known.person)
    with psycopg.connect(urls.sealer) as sealer:
        carry(sealer.cursor(), tmp_path / "erasures.jsonl")
    empty(superuser, urls)
    assert replay_erasures(tmp_path / "erasures.jsonl") == Replayed(absent=1)


class backup:  # noqa: N801 - reads as a statement
    """Inside, `restore()` gives a copy of the database and the files as they were when it was entered."""

    def __init__(self, superuser, urls, home):
        self.superuser, self.urls, self.home = superuser, urls, home
        self.name = conninfo_to_dict(urls.owner)["dbname"]

    def __enter__(self):
        self._copy(self.name, f"{self.name}_kept")
        self.files = self.home.path.parent / "attachments-kept"
        shutil.copytree(self.home.attachments, self.files)
        return self.restore

    def restore(self):
        shutil.rmtree(self.home.attachments)
        shutil.copytree(self.files, self.home.attachments)
        kept = {role: make_conninfo(url, dbname=f"{self.name}_kept") for role, url in vars(self.urls).items()}
        inside = connected(kept["web"])

        class restored:  # noqa: N801 - reads as a statement
            def __enter__(self):
                inside.__enter__()
                return SimpleNamespace(**kept)

            def __exit__(self, *raised):
                inside.__exit__(*raised)

        return restored()

    def __exit__(self, *_raised):
        self._run("DROP DATABASE {} WITH (FORCE)", f"{self.name}_kept")
        shutil.rmtree(self.files)

    def _copy(self, name, to):
        from django.db import connections

        connections["default"].close()
        connections["default"].close_pool()
        self._run("CREATE DATABASE {} TEMPLATE {}", to, name)

    def _run(self, statement, *names):
        with psycopg.connect(self.superuser, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
