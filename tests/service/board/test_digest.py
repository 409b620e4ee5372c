"""What the board says of themes beside their numbers: quotations, whom they speak for, what stands out."""

import re
from datetime import date, timedelta

import pytest
from tests.service.board.filling import sign_off


@pytest.fixture
def page(cast):
    """Read a page as a person of the cast."""
    from django.test import Client

    def read(name, address="/board/"):
        client = Client()
        client.force_login(getattr(cast.people, name))
        answer = client.get(address)
        assert answer.status_code == 200
        return answer.content.decode()

    return read


@pytest.fixture
def signed(cast, filled, as_owner):
    """A theme that was signed off, with an audit, of 23 appeals, 11 of them of the body "roads"."""
    from veche.service.themes.models import Member

    with as_owner():
        theme = sign_off(cast.tenants.region)
    row = {"day": "2026-11-02", "theme": str(theme.pk), "territory": "ru/ru-54"}
    members = filled(*[row] * 12, *[{**row, "body": "roads"}] * 11)
    with as_owner():
        Member.objects.bulk_create(
            Member(appeal_id=id, tenant=cast.tenants.region, theme=theme) for id in members
        )
    return theme


def audits(page):
    return page.partition('id="h-audits">')[2].partition("</h2>")[2].partition("</section>")[0]


def test_the_audit_tells_for_how_many_people_the_quotations_speak(signed, page):
    said = audits(page("editor"))
    assert str(signed) in said
    assert "These quotations represent people better than quotations drawn by lot." in said
    assert "4 quotations for 123 people; 71% find one close to what they wrote." in said
    assert "<strong>Left out:</strong> People with disabilities (8.0%)." in said


def test_who_may_not_see_small_numbers_reads_the_audit_without_them(signed, page):
    said = audits(page("administrator")).replace(str(signed.pk), "")
    assert "These quotations represent people better than quotations drawn by lot." in said
    assert "<strong>Left out:</strong> People with disabilities." in said
    assert not re.search(r"\d", re.sub(r"<[^>]*>", "", said)), said


def test_who_sees_a_part_of_an_authority_reads_no_audit_of_the_whole(signed, page):
    told = page("roads")
    assert f"/themes/{signed.pk}/" in told, "the theme is in their part"
    assert "123 people" not in told
    assert audits(told) == ""


def test_what_stands_out_leads_to_its_appeals(filled, page):
    last = date.today() - timedelta(days=1)
    days = [(last - timedelta(days=i)).isoformat() for i in range(60)]
    wave = [{"day": last.isoformat(), "topic": "water"}] * 60
    filled(
        *[{"day": day, "topic": "roads"} for day in days] * 10,
        *[{"day": d, "topic": "water"} for d in days],
        *wave,
    )
    told = page("editor").partition('id="h-alerts"')[2].partition("</section>")[0].replace("&amp;", "&")
    found = re.findall(
        r'<li>.*?: (\d+) appeals? .*?href="(/appeals/\?[^"]*topic=water[^"]*)"', told, re.DOTALL
    )
    assert found, told
    for n, address in found:
        assert re.search(rf"\b{n}\b", page("editor", address).partition("<main")[2])
    assert 'href="/appeals/' not in page("administrator").partition("<main")[2]
