def test_without_acting_for_anyone_no_row_of_a_tenant_is_seen(cast):
    from veche.service.accounts.acting import acting
    from veche.service.inbox.models import Channel

    assert Channel.objects.count() == 0
    with acting(cast.people.head):
        assert Channel.objects.count() == 4
    with acting(cast.people.stranger):
        assert [c.tenant for c in Channel.objects.all()] == [cast.tenants.other]
    assert Channel.objects.count() == 0
