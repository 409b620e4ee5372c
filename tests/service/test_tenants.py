import io

import pytest

REGION = ["region", "The Region", "--level=region", "--pack=ru", "--administrator=chief@region.example"]


@pytest.fixture
def make_tenant(as_owner):
    """Call `veche manage make_tenant`; returns what it says."""
    from django.core.management import call_command

    def call(*arguments):
        said = io.StringIO()
        with as_owner():
            call_command("make_tenant", *arguments, stdout=said)
        return said.getvalue()

    return call


def test_an_authority_is_opened_with_channels_and_an_administrator_who_can_sign_in(make_tenant):
    from django.test import Client

    from veche.service.accounts.acting import acting
    from veche.service.accounts.models import User
    from veche.service.inbox.models import Channel

    said = make_tenant(*REGION, "--territory=ru-54")
    with acting(User.objects.get(email="chief@region.example")):
        assert sorted(Channel.objects.values_list("code", flat=True)) == ["api", "call", "file", "form"]
    link = said.split()[-1]
    page = Client().get(link.split("//", 1)[1].partition("/")[2].join(["/", ""]))
    assert page.status_code == 200


def test_an_authority_stands_under_another(make_tenant):
    from veche.service.accounts.models import Tenant

    make_tenant(*REGION)
    city = ["city", "City", "--level=municipality", "--pack=ru", "--administrator=m@city.example"]
    make_tenant(*city, "--parent=region")
    assert Tenant.objects.get(slug="city").parent.slug == "region"


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        (["--parent=nobody"], "nobody"),
        (["--territory=nowhere"], "nowhere"),
        (["--pack=none-such"], "none-such"),
        (["--administrator=not an address"], "valid email"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_opened(make_tenant, more, problem):
    from django.core.management import CommandError

    from veche.service.accounts.models import Tenant

    with pytest.raises(CommandError, match=problem):
        make_tenant(*REGION, *more)
    assert not Tenant.objects.exists()


def test_a_name_is_given_once(make_tenant):
    from django.core.management import CommandError

    make_tenant(*REGION)
    with pytest.raises(CommandError, match="already"):
        make_tenant(*REGION)
