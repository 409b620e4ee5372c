"""An authority decides with a model that was learnt from its own history."""

import shutil
from datetime import UTC, datetime

import pytest
from tests.service.ground.keeping import veche

#: A city whose pack the history is of.
AUTHORITY = "city"


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A model of topics and kinds of 500 decided appeals."""
    folder = tmp_path_factory.mktemp("learnt")
    veche("sample", "--pack", "boston", "--decided", "--n", 500, "--out", folder / "old.csv")
    labels = ("--label", "topic=topic", "--label", "kind=kind")
    learn = ("train", folder / "old.csv", "--pack", "boston", *labels, "--workers", 1)
    veche(*learn, "--out", folder / "city.model")
    return folder / "city.model"


@pytest.fixture
def city(cast):
    """The authority."""
    return cast.tenants.city


@pytest.fixture
def decide_with(city, as_owner):
    """Let the city decide with a model, or with its pack alone."""
    from veche.service.learnt import use_model, use_pack

    def call(path):
        with as_owner():
            return use_model(city, path) if path else use_pack(city)

    return call


def makers(rows_of, facet="topic"):
    found = rows_of("SELECT DISTINCT maker FROM inbox_finding WHERE facet = %s ORDER BY 1", facet)
    return [maker for (maker,) in found]


def test_a_model_decides_from_the_next_appeal_on_and_no_longer_when_it_is_put_away(
    decide_with, model, handed_in, understood, rows_of
):
    handed_in("There are rats in the yard on Tremont Street", to=AUTHORITY)
    understood()
    assert makers(rows_of) == ["topic"]
    assert decide_with(model) == ["kind", "topic"]
    handed_in("A pothole on Beacon Street has cost me a tyre", to=AUTHORITY)
    understood()
    assert makers(rows_of) == ["model.topic", "topic"]
    assert "model.kind" in makers(rows_of, "kind")
    # What tells of danger to life is never left to what was labelled.
    assert makers(rows_of, "urgency") == ["urgency"]
    decide_with(None)
    handed_in("The street lamp on Boylston Street is broken", to=AUTHORITY)
    understood()
    assert rows_of("SELECT count(*) FROM inbox_finding WHERE maker = 'model.topic' AND rank = 0")[0][0] >= 1
    latest = rows_of("SELECT maker FROM inbox_finding WHERE facet = 'topic' ORDER BY made_at DESC LIMIT 1")
    assert latest == [("topic",)]


def test_the_change_stands_in_ledger_and_picture_and_moves_what_is_decided_alone(
    city, decide_with, model, rows_of
):
    decide_with(model)
    acts = rows_of("SELECT act FROM ledger_entry WHERE tenant_id = %s ORDER BY seq DESC LIMIT 1", city.pk)
    assert acts == [("model.used",)]
    breaks = rows_of("SELECT facet, to_version FROM inbox_break WHERE tenant_id = %s ORDER BY facet", city.pk)
    assert [facet for facet, _ in breaks] == ["kind", "topic"]
    assert all(version.startswith("model.") for _, version in breaks)
    [(reason, threshold)] = rows_of(
        "SELECT reason, threshold FROM desk_promise WHERE tenant_id = %s ORDER BY at DESC LIMIT 1", city.pk
    )
    assert reason == "model"
    assert 0 < threshold <= 2


def test_a_model_of_another_pack_is_refused_and_nothing_changes(model, cast, as_owner, rows_of):
    from veche.core.errors import ModelOfOtherPack
    from veche.service.learnt import use_model

    with as_owner(), pytest.raises(ModelOfOtherPack):
        use_model(cast.tenants.region, model)
    assert rows_of("SELECT model FROM accounts_tenant WHERE slug = 'region'") == [("",)]


def test_where_the_model_is_gone_the_pack_decides_and_the_log_says_so(
    decide_with, model, handed_in, understood, rows_of, home, caplog
):
    from veche.service.inbox.means import opened

    decide_with(model)
    shutil.rmtree(home.models)
    home.models.mkdir()
    opened.cache_clear()
    handed_in("A pothole on Beacon Street has cost me a tyre", to=AUTHORITY)
    understood()
    assert makers(rows_of) == ["topic"]
    assert "A model cannot be used" in caplog.text
    opened.cache_clear()


def test_what_a_model_doubts_waits_for_a_person_however_sure_it_is(
    city, decide_with, model, handed_in, understood, rows_of, as_worker
):
    from veche.service.accounts.acting import working
    from veche.service.desk.checks import draw
    from veche.service.desk.models import Check, Promise
    from veche.service.desk.undecided import undecided_among

    decide_with(model)
    [appeal] = handed_in("There are rats in the yard on Tremont Street", to=AUTHORITY)
    understood()
    for code, waits in (("alone", False), ("strange", True)):
        rows_of("UPDATE inbox_finding SET value = %s WHERE facet = 'topic_decided' RETURNING 1", code)
        with as_worker(), working(city.pk):
            assert undecided_among([appeal], threshold=0.0) == [appeal] * waits
            Promise.objects.filter(tenant=city).update(threshold=0.0)
            draw(city.pk, datetime.now(UTC))
            assert Check.objects.filter(appeal=appeal).exists() != waits
            Check.objects.all().delete()
