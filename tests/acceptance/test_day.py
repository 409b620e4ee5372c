"""A day at the desk: what came in is decided by keys alone, one decision for many; the head sees the truth.

A real service and a real browser. Two editors who know what is right of the appeals on a card decide sample
appeals at the same time, which flatters: how far decisions reach elsewhere is measured by
`benchmarks/decisions.py`. Somebody in danger rings where people work; a theme that nobody listed appears, is
signed off, found on the map, compared with the week before and taken along; the auditor reads who decided
what.
"""

import csv
import io
import re
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect
from tests.acceptance.a_day import SHORT, WHOLE, a_day, letter, title_of, until
from tests.acceptance.running import wait_for

from veche.service.inbox.numbers import shown

DANGER = "В подъезде сильно пахнет газом, дети теряют сознание, помогите срочно!"
#: Nobody listed it, and the sample has nothing like it.
NEW = (
    "Над улицей {street} третью ночь летают почтовые дроны и роняют посылки на крыши.",
    "Дроны доставки роняют посылки во дворе на улице {street}, вчера пробило крышу.",
    "Почтовый дрон уронил посылку на детскую площадку, улица {street}. Уберите маршрут дронов.",
    "Жители улицы {street} просят запретить полёты почтовых дронов над домами по ночам.",
)
STREETS = ("Лесной", "Садовой", "Мира", "Гагарина", "Озёрной", "Полевой", "Кирова", "Луговой", "Новой")
#: Where they write from: two of three streets lie in the one, the others in the other.
TOWN, CODE, OTHER_TOWN = "Бердск", "ru-54-000-002", "Искитим"

#: Too little is said in each, and another thing: where the queue was cleared to its end, cards come of these.
VAGUE = (
    "Сделайте уже что-нибудь с этим двором, смотреть тошно.",
    "Ждём третий месяц, трубку никто не берёт.",
    "Обещали весной, теперь говорят про осень, а воз и ныне там.",
    "Раньше ходил каждый час, теперь стоим и мёрзнем.",
    "Деньги взяли, а бумагу так и не выдали.",
    "Опять то же самое под окнами, спать невозможно.",
    "Ребёнку отказали без объяснений, куда теперь идти?",
    "После ремонта стало только хуже, приезжайте и посмотрите.",
)

EDITORS = ("anna", "boris")
FILES = ("CSV", "Excel (XLSX)", "PDF", "The appeals (CSV)")
#: Decisions on a page of the auditor, and the clock there.
PAGE, ZONE = 50, ZoneInfo("Europe/Moscow")
_ACTS = {"accepted": "accepted the proposal (Topic)", "corrected": "corrected the proposal (Topic)"}


class Answer(NamedTuple):
    """What an editor answered a card, as their page said that it was done."""

    by: str
    card: str
    value: str


@pytest.fixture(scope="module", params=["short", pytest.param("whole", marks=pytest.mark.soak)])
def day(request, chromium, tmp_path_factory):
    size = WHOLE if request.param == "whole" else SHORT
    with a_day(chromium, size, tmp_path_factory.mktemp("history")) as day:
        yield day


@pytest.fixture(scope="module")
def cleared(day):
    """What two editors answered at the same time, and how much was right before and after."""
    before, known = day.right()
    answers = []
    while len(answers) < day.size.decisions and (hands := _in_hand(day)):
        answers += _answered(day, hands[: day.size.decisions - len(answers)])
    after, _ = day.right()
    return SimpleNamespace(answers=answers, before=before / known, after=after / known)


def _card(page):
    return page.locator("#desk").get_attribute("data-card")


def _is_open(day, card):
    return bool(day.rows("SELECT FROM desk_card WHERE id = %s AND state = 'open'", card))


def _in_hand(day):
    """Return each editor with the card before them, a card each; fewer where the queue holds no more."""
    hands = {}
    for name in EDITORS:
        page = day.pages[name]
        if not page.locator("#desk").count() or not _card(page) or not _is_open(day, _card(page)):
            # To the queue as it is now: the colleague answered this card, or it was dealt anew.
            with page.expect_navigation():
                page.keyboard.press("g")
                page.keyboard.press("d")
        if (card := _card(page)) in hands.values():
            page.keyboard.press("j")
            until(lambda page=page, card=card: _card(page) != card, limit=20)
        # What was dealt anew meanwhile is shown, but asks nothing any more.
        if (card := _card(page)) not in hands.values() and page.locator("#card-form").count():
            hands[name] = card
    return list(hands.items())


def _answered(day, hands):
    """Let editors answer at the same time, by keys, with what is right of most of a card; return the answers
    of which their pages said that they are done."""
    answers = [Answer(name, card, _typed(day, day.pages[name], card)) for name, card in hands]
    for name, _card_of in hands:
        day.pages[name].keyboard.press("Enter")
    return [answer for answer in answers if _is_done(day.pages[answer.by], answer.card)]


def _typed(day, page, card):
    """Do all but the last key of an answer; return the answer."""
    wanted = day.wanted(card)
    if wanted == "" or wanted != day.one("SELECT proposal FROM desk_card WHERE id = %s", card):
        page.keyboard.press("c")
        page.keyboard.type(title_of(wanted) if wanted else "None of these")
        expect(page.locator("[role=option][aria-selected=true]")).to_be_visible()
    return wanted


def _is_done(page, card):
    """Tell whether a page went on; if it did not, it says that the answer was not applied."""
    refused = page.locator("#messages", has_text="was not applied")
    assert until(lambda: _card(page) != card or refused.count(), limit=20), "nothing happened"
    return not refused.count()


def test_two_editors_mend_by_keys_alone_what_the_machine_did_not_know(day, cleared):
    decisions = day.one("SELECT count(*) FROM desk_decision WHERE facet = 'topic' AND card_id IS NOT NULL")
    print(f"{decisions} decisions: {cleared.before:.3f} right before, {cleared.after:.3f} after")
    assert decisions <= day.size.decisions
    assert cleared.after > cleared.before
    assert cleared.after >= day.size.right


def test_what_two_editors_decide_at_the_same_time_counts_and_nothing_else(day, cleared):
    made = day.rows(
        "SELECT lower(u.name), d.card_id::text, d.value FROM desk_decision d"
        " JOIN accounts_user u ON u.id = d.by_id WHERE d.card_id = ANY(%s::uuid[]) AND d.undone_at IS NULL",
        [answer.card for answer in cleared.answers],
    )
    assert sorted(made) == sorted(cleared.answers)
    assert min(sum(answer.by == name for answer in cleared.answers) for name in EDITORS) > 10
    # What the appeals show is what the last decision about each said.
    lost = day.rows(
        "SELECT a.number, a.topic, last.value FROM inbox_appeal a JOIN LATERAL ("
        "  SELECT d.value FROM desk_changed c JOIN desk_decision d ON d.id = c.decision_id"
        "  WHERE c.appeal_id = a.id AND d.facet = 'topic' AND d.undone_at IS NULL ORDER BY d.at DESC LIMIT 1"
        ") last ON true WHERE a.topic <> last.value"
    )
    assert lost == []


def test_of_two_answers_to_one_card_one_counts_and_the_other_is_told(day, cleared):  # noqa: ARG001
    anna, boris = (day.pages[name] for name in EDITORS)
    day.send([letter(f"vague-{i}", text) for i, text in enumerate(VAGUE)])
    wait_for(lambda: day.one("SELECT count(*) FROM inbox_pending") == 0, "all to be understood")
    day.deal()
    decided = "SELECT count(*) FROM desk_decision WHERE card_id = %s"
    with _one_card(day) as card:
        for page in (anna, boris):
            page.keyboard.press("Enter")
        wait_for(lambda: day.one(decided, card), "a decision", limit=30)
        told = [_is_done(page, card) for page in (anna, boris)]
        assert sorted(told) == [False, True]
        assert day.one(decided, card) == 1
    with _one_card(day) as card:
        anna.keyboard.press("Enter")
        expect(boris.locator("#card-live")).to_contain_text("Anna decided this card", timeout=15_000)
        boris.keyboard.press("Enter")
        expect(boris.locator("#messages")).to_contain_text("your decision was not applied")
        assert day.one(decided, card) == 1


@contextmanager
def _one_card(day):
    """Open the first card that proposes something before both editors."""
    card = str(
        day.rows("SELECT id FROM desk_card WHERE state = 'open' AND proposal <> '' ORDER BY id LIMIT 1")[0][0]
    )
    for name in EDITORS:
        day.pages[name].goto(f"{day.at}/desk/{card}/")
        day.pages[name].locator("html[data-live=on]").wait_for()
    yield card


def test_what_comes_in_shows_on_the_board_within_five_seconds_and_danger_rings_where_people_work(day):
    anna, boris, vera = (day.pages[name] for name in ("anna", "boris", "vera"))
    for page, path in ((anna, "/desk/decisions/"), (boris, "/board/"), (vera, "/board/")):
        page.goto(f"{day.at}{path}")
        page.locator("html[data-live=on]").wait_for()
    rang = day.one("SELECT count(*) FROM desk_urgent WHERE taken_at IS NULL")
    total = _number(vera.locator("[data-figure=total]").inner_text())
    [number] = day.send([letter("danger", DANGER)]).values()
    expect(vera.locator("[data-figure=total]")).to_have_text(f"{total + 1:,}", timeout=5_000)
    for page in (anna, boris):
        expect(page.locator("#bell a")).to_have_attribute("data-count", str(rang + 1), timeout=5_000)
        expect(page).to_have_title(re.compile(rf"^\(!{rang + 1}\) "))
    # Who may not decide is not rung for.
    expect(vera.locator("#bell")).to_have_count(0)

    boris.locator("#bell a").click()
    mine = boris.locator("article.urgent").filter(has=boris.locator(f"#urgent-{number}"))
    mine.get_by_role("button", name="I take it").click()
    boris.wait_for_url(f"{day.at}/appeals/{number}/")
    if rang:
        expect(anna.locator("#bell a")).to_have_attribute("data-count", str(rang))
    else:
        expect(anna.locator("#bell a")).to_have_count(0)
    taken = "SELECT u.name FROM desk_urgent r JOIN accounts_user u ON u.id = r.taken_by_id"
    assert day.rows(f"{taken} JOIN inbox_appeal a ON a.id = r.appeal_id WHERE a.number = %s", _plain(number))


def _number(text):
    return int(re.sub(r"\D", "", text))


def _plain(number):
    return int(number.rpartition("-")[0])


def test_a_theme_that_nobody_listed_is_signed_off_found_on_the_map_compared_and_taken_along(day, tmp_path):
    page = day.pages["vera"]
    _first_themes(day, page)
    rows = [
        letter(
            f"drone-{street}-{n}",
            words.format(street=street),
            territory=OTHER_TOWN if i % 3 == 2 else TOWN,
            # The post brought some a week late.
            days_ago=9 if i == 0 else 0,
        )
        for i, street in enumerate(STREETS)
        for n, words in enumerate(NEW)
    ]
    day.send(rows, size=12)
    known = "SELECT id FROM themes_theme WHERE lower(name) ~ 'дрон|посыл' AND gone_at IS NULL"
    wait_for(lambda: day.rows(known), "the new theme", limit=300)
    name, theme = _signed_off(day, page)

    page.keyboard.press("b")
    page.wait_for_url(re.compile(f"/board/.*theme={theme}"))
    _found_on_the_map(day, page, theme)
    _compared_with_the_week_before(day, page, theme)
    _taken_along(day, page, theme, name, tmp_path)


def _first_themes(day, page):
    page.goto(f"{day.at}/themes/")
    page.keyboard.press("f")
    expect(page.locator("table.themes")).to_be_visible(timeout=600_000)


def _signed_off(day, page):
    """Sign the new theme off; return its name and its id."""
    page.goto(f"{day.at}/themes/")
    line = (
        page.locator("table.themes tbody tr").filter(has_text=re.compile("дрон|посыл", re.IGNORECASE)).first
    )
    expect(line).to_contain_text("new")
    line.get_by_role("link").first.click()
    page.wait_for_url(re.compile(r"/themes/[0-9a-f-]{36}/"))
    for _ in range(3):
        with page.expect_navigation():
            page.keyboard.press("y")
        # Where it was described anew at that moment, the page says so: what is signed is what was seen.
        if page.locator(".states .good", has_text="Signed off").count():
            break
    expect(page.locator(".states")).to_contain_text("Signed off by Vera")
    theme = UUID(page.url.rstrip("/").rpartition("/")[2])
    return page.locator("h1").inner_text(), theme


def _counted(day, theme, more="", *values):
    return day.one(
        "SELECT count(*) FROM inbox_appeal WHERE theme = %s AND state IN ('understood', 'erased')" + more,
        theme,
        *values,
    )


_HERE = " AND (territory = %s OR territory LIKE %s)"
_PLACE = (f"ru/ru-54/{CODE}", f"ru/ru-54/{CODE}/%")


def _found_on_the_map(day, page, theme):
    expect(page.locator("[data-figure=total]")).to_have_text(str(_counted(day, theme)))
    place = page.locator(f"[data-map][data-drawn] path[data-code='{CODE}']")
    here = _counted(day, theme, _HERE, *_PLACE)
    assert 0 < here < _counted(day, theme)
    expect(place).to_have_attribute("aria-label", re.compile(rf"^Berdsk: {here}\b"))
    # Its neighbour's circle lies over its middle: it is gone to by keyboard.
    place.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(rf"territory={CODE}"))
    expect(page.locator("[data-figure=total]")).to_have_text(str(here))


def _compared_with_the_week_before(day, page, theme):
    page.locator("#days-7").click()
    page.wait_for_url(re.compile("since="))
    expect(page.locator("#days-7")).to_have_attribute("aria-current", "true")
    page.keyboard.press("c")
    page.wait_for_url(re.compile("/board/compare/"))
    assert f"theme={theme}" in page.url
    since = page.locator("#id_since").input_value()
    sides = [_number(one) for one in page.locator(".versus .figure").all_inner_texts()]
    week = " AND day >= %s::date - 7 AND day < %s::date"
    assert sides == [
        _counted(day, theme, _HERE + week, *_PLACE, since, since),
        _counted(day, theme, _HERE + " AND day >= %s", *_PLACE, since),
    ]


def _taken_along(day, page, theme, name, tmp_path):
    page.get_by_role("link", name="The picture").click()
    page.wait_for_url(re.compile(rf"/board/\?.*theme={theme}"))
    page.keyboard.press("e")
    files = {
        words: _file(page, words, tmp_path) for words in ("CSV", "Excel (XLSX)", "PDF", "The appeals (CSV)")
    }
    since = re.search(r"since=([\d-]+)", page.url)[1]
    mine = day.rows(
        "SELECT number FROM inbox_appeal WHERE theme = %s AND day >= %s" + _HERE, theme, since, *_PLACE
    )
    head, *lines = csv.reader(io.StringIO(files["The appeals (CSV)"].read_text("utf-8-sig")))
    assert {line[head.index("Number")] for line in lines} == {shown(number) for (number,) in mine}
    assert len(lines) == len(mine)
    assert {line[head.index("Theme")] for line in lines} == {name}

    said = csv.reader(io.StringIO(files["CSV"].read_text("utf-8-sig")))
    assert [line[1:] for line in said if line[0] == "Themes" and line[3] == "Appeals"] == [
        [str(theme), name, "Appeals", str(len(mine))]
    ]
    sheet = load_workbook(files["Excel (XLSX)"], read_only=True)["Themes"]
    assert [row[:3] for row in sheet.iter_rows(min_row=2, values_only=True)] == [
        (str(theme), name, len(mine))
    ]
    assert files["PDF"].read_bytes().startswith(b"%PDF-")


def _file(page, words, tmp_path):
    with page.expect_download() as got:
        page.get_by_role("link", name=words, exact=True).click()
    path = Path(tmp_path) / got.value.suggested_filename
    got.value.save_as(path)
    return path


def test_the_auditor_reads_who_decided_what_and_when(day, cleared):
    page = day.pages["igor"]
    assert {answer.by for answer in cleared.answers} == set(EDITORS)
    for name in EDITORS:
        page.goto(f"{day.at}/desk/decisions/")
        page.get_by_label("Who").select_option(label=name.capitalize())
        page.get_by_role("button", name="Show", exact=True).click()
        page.wait_for_url(re.compile("by="))
        made = day.rows(
            "SELECT d.at, u.name, d.act, d.value, d.appeals FROM desk_decision d"
            " JOIN accounts_user u ON u.id = d.by_id WHERE lower(u.name) = %s"
            " ORDER BY d.at DESC, d.id DESC LIMIT %s",
            name,
            PAGE,
        )
        cells = page.locator("table.cards tbody td").all_inner_texts()
        assert [cells[at : at + 5] for at in range(0, len(cells), 6)] == [
            [
                _clock(at),
                who,
                _ACTS[act],
                title_of(value) if value else "None of these topics",
                str(appeals),
            ]
            for at, who, act, value, appeals in made
        ]


def _clock(at: datetime) -> str:
    """Return a moment as English pages write it."""
    here = at.astimezone(ZONE)
    half = "a.m." if here.hour < 12 else "p.m."
    hour = f"{here.hour % 12 or 12}" + (f":{here:%M}" if here.minute else "")
    exact = {(0, 0): "midnight", (12, 0): "noon"}.get((here.hour, here.minute))
    return f"{here:%m/%d/%Y} {exact or f'{hour} {half}'}"
