"""Keeping no longer than allowed."""

import os
import time
from datetime import UTC, datetime, timedelta

import pytest
from tests.service.vault.scan import files_with, tables_with
from tests.service.vault.test_erase import attach

from veche.core.errors import OriginalGone

OLD = "zyxoldmark said that the lamp is dark."
YOUNG = "The younger words of the same person."


@pytest.fixture
def region(cast, as_owner):
    """An authority that keeps for a hundred days."""
    from veche.service.accounts.models import Tenant

    with as_owner():
        Tenant.objects.filter(pk=cast.tenants.region.pk).update(keep_days=100)
        return Tenant.objects.get(pk=cast.tenants.region.pk)


def apply(tenant, now=None):
    from veche.service.vault.retention import retain

    return retain(tenant, now or datetime.now(UTC))


def test_what_is_over_age_loses_its_words_everywhere(cast, region, wrote, superuser, urls, home):
    from veche.service.accounts.acting import working
    from veche.service.inbox.models import Appeal, Person
    from veche.service.vault.retention import Retained

    appeals = wrote(
        region, cast.channels.region, text=OLD, contact="zyxoldmark@citizen.example", days_ago=101, n=3
    )
    path = attach(appeals[0], OLD.encode())
    assert apply(region) == Retained(appeals=3, persons=1)
    assert tables_with(superuser, urls, "zyxoldmark") == set()
    assert files_with(home, "zyxoldmark") == []
    assert not path.exists()
    with working(region.pk):
        assert {(a.state, a.topic) for a in Appeal.objects.all()} == {("erased", "roads")}
        assert Person.objects.get().contact_hash is None


def test_who_wrote_again_keeps_the_younger_words_and_the_key(cast, region, wrote):
    from veche.service.accounts.acting import working
    from veche.service.inbox.models import Person
    from veche.service.vault.retention import Retained
    from veche.service.vault.seal import open_appeal

    [old] = wrote(region, cast.channels.region, text=OLD, contact="a@b.example", days_ago=101)
    with working(region.pk):
        person = Person.objects.get()
    [young] = wrote(region, cast.channels.region, text=YOUNG, person=person, days_ago=99)
    assert apply(region) == Retained(appeals=1, persons=0)
    with working(region.pk):
        assert open_appeal(young.pk).text == YOUNG
        with pytest.raises(OriginalGone):
            open_appeal(old.pk)
        assert Person.objects.get().contact_hash


@pytest.mark.parametrize("days", [99, 100, 101])
def test_the_last_day_is_kept(cast, region, wrote, days):
    [appeal] = wrote(region, cast.channels.region, text=OLD)
    moment = appeal.received_at + timedelta(days=days)
    assert apply(region, moment).appeals == (1 if days > 100 else 0)


def test_an_authority_without_an_age_keeps_all_and_others_are_left_alone(cast, region, wrote):
    from veche.service.vault.retention import Retained

    wrote(cast.tenants.city, cast.channels.city, text=OLD, days_ago=4000)
    assert apply(cast.tenants.city) == Retained()
    assert apply(region) == Retained()


def test_it_goes_in_batches_and_each_is_in_the_ledger(cast, region, wrote, monkeypatch, as_owner):
    from veche.service.ledger.models import LedgerEntry
    from veche.service.vault import retention

    monkeypatch.setattr(retention, "BATCH", 2)
    wrote(region, cast.channels.region, text=OLD, days_ago=200, n=5)
    assert apply(region) == retention.Retained(appeals=5, persons=1)
    assert apply(region) == retention.Retained()
    with as_owner():
        facts = [entry.facts for entry in LedgerEntry.objects.filter(act="retention.applied").order_by("seq")]
    assert [f["appeals"] for f in facts] == [2, 2, 1]
    assert [f["persons"] for f in facts] == [0, 0, 1]
    assert {f["days"] for f in facts} == {100}


def test_files_that_nothing_refers_to_are_swept_after_a_day(cast, region, wrote):
    from veche.service.vault.retention import sweep_files

    [appeal] = wrote(region, cast.channels.region, text=YOUNG)
    kept = attach(appeal, b"kept")
    one, other = sorted({"0", "1", "2"} - {kept.name[0]})[:2]
    orphan, half, fresh = (
        kept.with_name(n) for n in (f"{one}{kept.name[1:]}", f"{kept.name}.part", f"{other}{kept.name[1:]}")
    )
    yesterday = time.time() - 2 * 86400
    for path in (orphan, half, fresh):
        path.write_bytes(b"x")
    for path in (kept, orphan, half):
        os.utime(path, (yesterday, yesterday))
    assert sweep_files(region, datetime.now(UTC)) == 2
    assert [path.exists() for path in (kept, orphan, half, fresh)] == [True, False, False, True]


def test_every_night_all_authorities_are_gone_through(cast, region, wrote):
    from veche.service.accounts.acting import working
    from veche.service.inbox.models import Appeal
    from veche.service.vault.tasks import retention

    wrote(region, cast.channels.region, text=OLD, days_ago=101)
    retention(timestamp=int(time.time()))
    with working(region.pk):
        assert Appeal.objects.get().state == "erased"
