"""A citizen writes to an authority."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.service.public.conftest import CLEAR, UNCLEAR, fields

SENT = re.compile(r"^/en/track/(\d+-\d)/([\w-]+)/sent/$")


def sent(answer):
    assert answer.status_code == 302, answer.content.decode()
    found = SENT.match(answer["Location"])
    assert found, answer["Location"]
    return found.groups()


def problems(answer, status=422):
    assert answer.status_code == status
    page = answer.content.decode()
    assert "There is a problem" in page
    assert "<title>Error:" in page
    return page


def test_an_appeal_is_taken_without_javascript_and_without_cookies(citizen, original_of, count):
    page = citizen.get("/en/write/region/")
    assert "<script" not in page.content.decode()
    assert not page.cookies
    number, secret = sent(citizen.write(CLEAR, name="Анна Примерова", contact="+7 900 000-00-00", age="42"))
    shown = citizen.get(f"/en/track/{number}/{secret}/sent/").content.decode()
    assert number in shown
    assert f"http://testserver/en/track/{number}/{secret}/" in shown
    original = original_of(number)
    assert (original.text, original.author, original.age) == (CLEAR, "Анна Примерова", 42)
    assert list(original.contacts) == ["+7 900 000-00-00"]
    assert count() == 1


def test_a_form_that_is_sent_twice_is_one_appeal_and_is_answered_alike(citizen, count):
    data = {**citizen.form(), "text": CLEAR}
    assert sent(citizen.post("/en/write/region/", data)) == sent(citizen.post("/en/write/region/", data))
    assert count() == 1


def test_a_double_click_is_one_appeal(citizen, count):
    data = {**citizen.form(), "text": CLEAR}

    def click(_n):
        from django.db import connection

        try:
            return sent(citizen.post("/en/write/region/", data))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(click, range(4)))) == 1
    assert count() == 1


def test_another_text_in_a_form_that_was_sent_is_kept_and_can_be_sent_as_one_more(citizen, count):
    data = {**citizen.form(), "text": CLEAR}
    citizen.post("/en/write/region/", data)
    again = problems(citizen.post("/en/write/region/", {**data, "text": CLEAR + " И света."}))
    assert "И света" in fields(again)["text"]
    sent(citizen.post("/en/write/region/", fields(again)))
    assert count() == 2


def test_a_field_that_only_robots_fill_in_stops_them_and_loses_nothing(citizen, count):
    page = problems(citizen.write(CLEAR, website="http://spam.example"))
    assert 'href="#id_website"' in page
    assert fields(page)["text"] == CLEAR
    assert count() == 0
    sent(citizen.post("/en/write/region/", {**fields(page), "website": ""}))


def test_who_is_faster_than_a_person_is_asked_to_send_again(citizen, count, monkeypatch):
    from veche.service.public import filled

    monkeypatch.setattr(filled, "LEAST_SECONDS", 3600.0)
    page = problems(citizen.write(CLEAR))
    assert count() == 0
    monkeypatch.setattr(filled, "LEAST_SECONDS", 0.0)
    sent(citizen.post("/en/write/region/", fields(page)))


@pytest.mark.parametrize("mark", ["", "x", "W10:1abc:AAAA"])
def test_a_form_with_a_mark_that_is_not_ours_comes_back_with_a_new_one(citizen, mark, count):
    page = problems(citizen.write(CLEAR, mark=mark))
    assert count() == 0
    sent(citizen.post("/en/write/region/", fields(page)))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("text", ""),
        ("text", " \n "),
        ("text", "а" * 200_001),
        ("contact", "call me"),
        ("contact", "anna@"),
        ("age", "old"),
        ("age", "-1"),
        ("age", "121"),
        ("address", "x" * 501),
    ],
)
def test_each_error_stands_at_its_field_and_in_the_summary_and_nothing_typed_is_lost(
    citizen, field, value, count
):
    typed = {
        "text": CLEAR,
        "address": "ул. Лесная, 5",
        "contact": "anna@example.org",
        "age": "42",
        field: value,
    }
    page = problems(citizen.write(**typed))
    assert f'href="#id_{field}"' in page
    assert re.search(
        rf'id="id_{field}"[^>]*aria-invalid="true"|aria-invalid="true"[^>]*id="id_{field}"', page
    )
    back = fields(page)
    assert {name: back[name] for name in typed} == typed
    assert count() == 0


def test_characters_that_are_no_text_are_refused_with_all_else_kept(citizen, count):
    page = problems(citizen.write("Яма\x00 на дороге", address="ул. Лесная"))
    assert fields(page)["address"] == "ул. Лесная"
    assert count() == 0


def test_too_many_from_one_source_are_asked_to_wait_and_lose_nothing(citizen, count, monkeypatch):
    from veche.service.public import sources

    monkeypatch.setitem(sources.ALLOWANCES, "send", (1.0, 2.0))
    for _ in range(2):
        sent(citizen.write(CLEAR))
    answer = citizen.write(CLEAR + " Третье.")
    page = problems(answer, 429)
    assert 0 < int(answer["Retry-After"]) <= 60
    assert "Третье" in fields(page)["text"]
    assert count() == 2


def test_a_text_without_a_place_is_asked_for_it_by_its_own_words(citizen, count, original_of):
    page = citizen.write(UNCLEAR)
    assert page.status_code == 200
    words = page.content.decode()
    assert "You wrote “улице Лесной”. Which town or village is it in?" in words
    assert count() == 0
    answer = {**fields(words), "where": "Бердск", "answered": "yes"}
    number, _secret = sent(citizen.post("/en/write/region/", answer))
    original = original_of(number)
    assert original.address == "Бердск"
    assert original.text == UNCLEAR


def test_who_does_not_know_sends_it_as_it_is(citizen, count):
    words = citizen.write(UNCLEAR).content.decode()
    sent(citizen.post("/en/write/region/", {**fields(words), "answered": "unknown"}))
    assert count() == 1


def test_who_wants_to_change_the_text_gets_the_form_as_it_was(citizen, count):
    words = citizen.write(UNCLEAR, contact="anna@example.org").content.decode()
    back = citizen.post("/en/write/region/", {**fields(words), "back": "1"})
    assert back.status_code == 200
    form = fields(back.content.decode())
    assert (form["text"], form["contact"]) == (UNCLEAR, "anna@example.org")
    assert count() == 0


def test_a_vague_time_is_asked_for_and_the_answer_is_kept(citizen, original_of):
    words = citizen.write("Недавно в Новосибирске на улице Лесной сломали скамейку.").content.decode()
    assert "You wrote “недавно”. When was it?" in words
    assert 'name="where"' not in words
    number, _ = sent(
        citizen.post("/en/write/region/", {**fields(words), "when": "10 ноября", "answered": "yes"})
    )
    assert original_of(number).kept == {"when": "10 ноября"}


def test_a_city_is_asked_for_the_street_only(citizen):
    words = citizen.write("A pothole breaks our cars every day", "/en/write/city/").content.decode()
    assert "Where in Boston is it?" in words
    sent(citizen.write("A pothole on Tremont Street breaks our cars every day", "/en/write/city/"))


def test_what_cannot_be_looked_at_in_time_is_taken_without_a_question(citizen, count, monkeypatch):
    from veche.service.public import light

    monkeypatch.setattr(light, "PATIENCE_SECONDS", 0.0)
    sent(citizen.write(UNCLEAR))
    assert count() == 1


def test_an_authority_whose_pack_is_broken_still_takes_appeals(citizen, cast, as_owner, count):
    with as_owner():
        cast.tenants.region.pack = "no-such-pack"
        cast.tenants.region.save()
    number, secret = sent(citizen.write(UNCLEAR))
    assert citizen.get(f"/en/track/{number}/{secret}/").status_code == 200
    assert count() == 1


def test_somebody_in_danger_is_told_the_number_to_call_before_anything_else(citizen, count):
    page = citizen.write("В квартире сильно пахнет газом, ребёнку плохо!").content.decode()
    main = page.split("<main", 1)[1]
    assert "Call 112 now" in main.split("</h1>")[0]
    assert 'href="tel:112"' in main
    assert count() == 1
    assert re.search(r'href="/en/track/\d+-\d/[\w-]+/sent/"', main)
    assert "Where is it?" in main
    assert re.search(r'href="/en/track/\d+-\d/[\w-]+/#add"', main)


def test_files_come_along_and_wait_sealed_until_it_is_complete(citizen, rows_of, original_of, home):
    photo = SimpleUploadedFile("яма.txt", "Список ям".encode())
    page = problems(citizen.write(UNCLEAR, contact="none", attached=photo))
    assert "яма.txt" in page
    stored = [p for p in home.attachments.rglob("*") if p.is_file()]
    assert stored
    assert all("Список ям".encode() not in p.read_bytes() for p in stored)
    question = citizen.post("/en/write/region/", {**fields(page), "contact": ""}).content.decode()
    assert "яма.txt" in question
    number, _ = sent(
        citizen.post("/en/write/region/", {**fields(question), "where": "Бердск", "answered": "yes"})
    )
    assert list(original_of(number).attachments.values()) == ["яма.txt"]
    [(id, size)] = rows_of("SELECT id, size FROM inbox_attachment")
    assert size == len("Список ям".encode())
    left = [p.name for p in home.attachments.rglob("*") if p.is_file() and p not in stored]
    assert left == [str(id)]


def test_a_file_that_waits_can_be_left_out(citizen, original_of):
    page = problems(citizen.write(CLEAR, contact="none", attached=SimpleUploadedFile("a.txt", b"words")))
    drop = re.search(r'name="drop" value="([^"]+)"', page)[1]
    number, _ = sent(citizen.post("/en/write/region/", {**fields(page), "contact": "", "drop": drop}))
    assert original_of(number).attachments == {}


def test_a_file_of_a_kind_that_is_not_kept_is_named_and_the_rest_comes_back(citizen, count):
    program = SimpleUploadedFile("x.jpg", b"MZ\x90\x00\x03" + bytes(200))
    page = problems(citizen.write(CLEAR, attached=program))
    assert 'href="#id_attached"' in page
    assert "choose them again" in page
    assert count() == 0


def test_files_that_are_too_large_together_lose_no_words(citizen, monkeypatch, count):
    from veche.service.public import uploads

    monkeypatch.setattr(uploads, "MAX_TOGETHER", 1000)
    page = problems(citizen.write(CLEAR, attached=SimpleUploadedFile("a.txt", b"x" * 2000)))
    assert fields(page)["text"] == CLEAR
    assert 'href="#id_attached"' in page
    assert count() == 0
    monkeypatch.setattr(uploads, "MAX_REQUEST", 100)
    assert citizen.write(CLEAR).status_code == 413


def test_the_form_speaks_the_language_of_its_address_or_of_the_browser(citizen):
    assert 'lang="en"' in citizen.get("/en/write/region/").content.decode()
    assert 'lang="ru"' in citizen.get("/ru/write/region/").content.decode()
    assert 'lang="ru"' in citizen.get("/write/region/", **{"Accept-Language": "ru"}).content.decode()
    assert citizen.get("/xx/write/region/").status_code == 404


def test_only_authorities_with_an_open_form_are_offered(citizen):
    page = citizen.get("/en/write/").content.decode()
    assert re.findall(r'href="/en/write/(\w+)/"', page) == ["region", "city"]
    for closed in ("other", "none"):
        answer = citizen.get(f"/en/write/{closed}/")
        assert answer.status_code == 404
        assert 'href="/en/write/"' in answer.content.decode()


@pytest.mark.usefixtures("citizen")
def test_who_works_here_writes_like_anybody_else(cast, count):
    from django.test import Client

    browser = Client()
    browser.force_login(cast.people.editor)
    page = browser.get("/en/write/region/").content.decode()
    assert "Sign out" not in page
    data = {**fields(page), "text": CLEAR}
    sent(browser.post("/en/write/region/", data))
    assert count() == 1


def test_nothing_that_was_written_stands_in_logs_or_addresses(citizen, caplog):
    from veche.service.ops.logs import JsonLines

    caplog.set_level("DEBUG")
    answer = citizen.write(CLEAR, name="Марфа Примерова", contact="marfa@people.example")
    citizen.write("", name="Марфа Примерова", contact="marfa")
    citizen.get(answer["Location"])
    logged = "\n".join(JsonLines().format(record) for record in caplog.records)
    assert "public:sent" in logged
    assert answer["Location"].split("/")[4] not in logged
    for said in ("Лесной", "Марфа", "marfa"):
        assert said not in answer["Location"]
        assert said not in logged


@pytest.mark.parametrize("path", ["/en/write/region/", "/en/write/", "/en/track/", "/en/track/1-8/x/"])
def test_public_pages_are_not_stored_and_tell_nobody_where_they_were(citizen, path):
    answer = citizen.get(path)
    assert answer["Cache-Control"] == "no-store"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert not re.search(r"<(script|style)|\sstyle=|\son\w+=", answer.content.decode())
