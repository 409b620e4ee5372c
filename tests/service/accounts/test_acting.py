"""What a page looks up about its reader it looks up once, and never for longer than the page lasts."""


def test_what_a_person_may_is_asked_once_and_the_next_page_asks_again(cast, as_owner):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    from veche.service.accounts.access import appeals_of, reach
    from veche.service.accounts.acting import acting
    from veche.service.accounts.models import Role

    editor = cast.people.editor
    with acting(editor), CaptureQueriesContext(connection) as asked:
        assert reach(editor, "finding.decide").tenants == (cast.tenants.region.pk,)
        assert not appeals_of(editor).exists()
    assert sum('FROM "accounts_role"' in one["sql"] for one in asked) == 1
    with as_owner():
        Role.objects.filter(user=editor).update(valid_to=timezone.now())
    with acting(editor):
        assert reach(editor, "finding.decide").tenants == ()


def test_outside_of_a_page_nothing_is_kept():
    from veche.service.accounts.acting import once

    given = iter("ab")
    assert [once("key", lambda: next(given)) for _ in range(2)] == ["a", "b"]
