from datetime import UTC, datetime

import pytest

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def demo(as_owner):
    from veche.service.demo import make_demo

    with as_owner():
        yield make_demo(n=600, now=NOW)


def test_the_demonstration_brings_three_authorities_with_people_in_every_role(demo):
    from veche.service.accounts.models import Role, Tenant

    assert [t.slug for t in Tenant.objects.order_by("id")] == ["nation", "region", "city"]
    assert Role.objects.count() == len(demo.emails) == 18


def test_every_appeal_is_taken_and_none_lies_in_the_future(demo):
    from veche.service.inbox.models import Appeal, Pending

    assert demo.appeals == 600
    assert Appeal.objects.count() == Pending.objects.count() == 600
    assert not Appeal.objects.filter(received_at__gt=NOW).exists()


def test_an_appeal_goes_to_the_smallest_authority_whose_place_it_names(demo):  # noqa: ARG001
    from veche.service.inbox.models import Appeal

    counts = [Appeal.objects.filter(tenant__slug=slug).count() for slug in ("nation", "region", "city")]
    assert counts[0] > counts[2] > 0


def test_one_of_its_people_signs_in_with_the_password_that_was_shown(demo):
    from veche.service.accounts.models import User

    assert User.objects.get(email="editor@city.example").check_password(demo.password)


def test_a_service_that_holds_something_is_no_place_for_a_demonstration(demo):  # noqa: ARG001
    from django.core.management import CommandError, call_command

    with pytest.raises(CommandError):
        call_command("demo")
