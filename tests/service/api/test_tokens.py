"""Tokens are made, listed and revoked by those who run the service."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from .conftest import Program

pytestmark = pytest.mark.usefixtures("cast")


def run(*arguments, **options):
    out = StringIO()
    call_command(*arguments, stdout=out, stderr=StringIO(), **options)
    return out.getvalue().strip()


def test_a_token_is_made_used_listed_and_revoked():
    secret = run("make_token", "region", title="The contact centre", days=30)
    assert secret.startswith("veche_")
    assert Program(secret).post({"text": "x"}).status_code == 201
    listed = run("list_tokens", "region").split("\t")
    assert listed[1] == "api"
    assert listed[3] == "The contact centre"
    assert secret not in listed
    assert run("list_tokens", "other") == ""
    run("revoke_token", "region", listed[0])
    assert Program(secret).post({"text": "y"}).status_code == 401


@pytest.mark.parametrize(
    "arguments",
    [
        ("make_token", "nowhere", "--title=x"),
        ("make_token", "region", "--title=x", "--channel=pigeon"),
        ("make_token", "region", "--title=x", "--burst=0"),
        ("list_tokens", "nowhere"),
        ("revoke_token", "nowhere", "019aab5e-4c00-7d3c-9a51-3f0c5b6f2a10"),
        ("revoke_token", "region", "019aab5e-4c00-7d3c-9a51-3f0c5b6f2a10"),
    ],
)
def test_what_does_not_exist_is_told(arguments):
    with pytest.raises(CommandError):
        run(*arguments)


def test_a_token_of_one_authority_is_not_revoked_by_another():
    secret = run("make_token", "region", title="x")
    token = run("list_tokens", "region").split("\t")[0]
    with pytest.raises(CommandError):
        run("revoke_token", "other", token)
    assert Program(secret).post({"text": "x"}).status_code == 201


def test_making_and_revoking_stand_in_the_ledger(cast):
    from .test_api import ledger

    run("make_token", "region", title="x")
    token = run("list_tokens", "region").split("\t")[0]
    for _ in range(2):
        run("revoke_token", "region", token)
    for act in ("token.made", "token.revoked"):
        assert [e.object_id for e in ledger(cast.tenants.region, act)] == [token]
