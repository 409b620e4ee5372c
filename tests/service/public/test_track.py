"""A citizen follows an appeal by its number and secret."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.service.inbox.understanding import drain, worker_here
from tests.service.public.conftest import CLEAR, fields


@pytest.fixture
def link(citizen):
    """The tracking page of an appeal that was just taken."""
    answer = citizen.write(CLEAR, contact="+7 900 000-00-00")
    assert answer.status_code == 302
    return answer["Location"].removesuffix("sent/")


def number_of(link):
    return re.search(r"/(\d+-\d)/", link)[1]


@pytest.fixture
def understood(urls, as_worker):
    """Call it to let a worker understand all that waits."""

    def understand():
        with as_worker():
            return drain(worker_here(urls.worker))

    return understand


def test_what_happens_next_is_said_with_day_and_law(citizen, link):
    page = citizen.get(link + "sent/").content.decode()
    assert "Consideration of an appeal: by " in page
    assert "59-FZ, art. 12" in page
    # Registered within three days, answered within thirty more; the page names the last of them.
    days = re.findall(r"by (\w+\.? \d+, \d{4}) at the latest", page)
    assert len(days) >= 2


def test_times_are_those_of_the_place_that_the_authority_governs(citizen, link, cast, as_owner, rows_of):
    with as_owner():
        cast.tenants.region.territory = "ru-54"
        cast.tenants.region.save()
    [(received,)] = rows_of("SELECT received_at AT TIME ZONE 'Asia/Novosibirsk' FROM inbox_appeal")
    page = citizen.get(link.replace("/en/", "/ru/")).content.decode()
    assert f" {received.hour}:{received:%M}" in page


def test_an_authority_whose_law_has_no_term_promises_no_day(citizen):
    answer = citizen.write("A pothole on Tremont Street since Monday", "/en/write/city/")
    page = citizen.get(answer["Location"]).content.decode()
    assert "What happens next" in page
    assert "at the latest" not in page


def test_its_author_sees_how_far_it_is_and_a_text_without_contacts(citizen, link, understood):
    before = citizen.get(link).content.decode()
    assert "Being sorted" in before
    assert "sorted within a few minutes" in before
    assert "горячей воды" not in before
    answer = citizen.write(CLEAR + " Звоните 8 913 555-12-12.")
    own = answer["Location"].removesuffix("sent/")
    understood()
    page = citizen.get(own).content.decode()
    assert "Being sorted" not in page
    assert "has been sorted" in page
    assert "горячей воды" in page
    assert "Новосибирск" in page
    assert "555-12-12" not in page
    assert '<mark class="masked">' in page


@pytest.mark.parametrize("wrong", ["number", "secret", "digit", "both", "none"])
def test_a_wrong_secret_and_an_unknown_number_look_alike(citizen, link, wrong):
    _, _, _, number, secret, _ = link.split("/")
    digit = str((int(number[-1]) + 1) % 10)
    given = {
        "number": ("9999998-9", secret),
        "secret": (number, "A" * len(secret)),
        "digit": (number[:-1] + digit, secret),
        "both": ("nonsense", "x"),
        "none": (number, "%00"),
    }[wrong]
    answers = [citizen.get(f"/en/track/{'/'.join(given)}/{tail}") for tail in ("", "sent/", "withdraw/")]
    answers.append(citizen.post("/en/track/", {"number": given[0], "secret": given[1]}))
    told = set()
    for answer in answers:
        assert answer.status_code == 404
        page = answer.content.decode()
        told.add(re.search(r'role="alert".*?</div>', page, re.DOTALL)[0])
        assert CLEAR not in page
    assert len(told) == 1
    assert "no appeal with this number and this code" in told.pop()


def test_the_pages_of_wrong_links_are_equal_to_the_letter(citizen, link):
    number = number_of(link)
    one = citizen.get(f"/en/track/{number}/aaaaaaaaaaaaaaaaaaaaaa/").content.decode()
    other = citizen.get("/en/track/9999998-9/aaaaaaaaaaaaaaaaaaaaaa/").content.decode()
    assert one.replace(number, "9999998-9") == other


def test_guesses_are_slowed_and_a_right_link_is_not(citizen, link, monkeypatch):
    from veche.service.public import sources

    monkeypatch.setitem(sources.ALLOWANCES, "guess", (1.0, 2.0))
    wrong = f"/en/track/{number_of(link)}/wrong/"
    assert [citizen.get(wrong).status_code for _ in range(3)] == [404, 404, 429]
    assert citizen.get(wrong)["Retry-After"]
    assert citizen.get(link).status_code == 200


def test_number_and_secret_or_the_whole_link_lead_to_the_page(citizen, link):
    _, _, _, number, secret, _ = link.split("/")
    typed = (
        {"number": f" {number} ", "secret": secret},
        {"number": f"http://testserver{link}", "secret": ""},
    )
    for given in typed:
        answer = citizen.post("/en/track/", given)
        assert (answer.status_code, answer["Location"]) == (302, link)
    empty = citizen.post("/en/track/", {"number": "", "secret": ""})
    assert empty.status_code == 422
    assert 'href="#id_number"' in empty.content.decode()


def test_a_later_message_and_its_files_join_the_thread_of_the_same_person(citizen, link, rows_of):
    data = {**fields(citizen.get(link).content.decode()), "text": "Вода снова пропала, фото приложено."}
    for _ in range(2):
        added = citizen.post(link, {**data, "attached": SimpleUploadedFile("a.txt", b"words")})
        assert (added.status_code, added["Location"]) == (302, f"{link}?added=1")
    rows = rows_of("SELECT number, thread_id, person_id FROM inbox_appeal ORDER BY number")
    assert len(rows) == 2
    assert rows[0][1:] == rows[1][1:]
    assert rows_of("SELECT count(*) FROM inbox_attachment") == [(1,)]
    page = citizen.get(f"{link}?added=1").content.decode()
    assert "What you added was taken" in page
    assert "1 file" in page


def test_an_empty_message_is_refused_and_its_file_waits(citizen, link, rows_of):
    data = {**fields(citizen.get(link).content.decode()), "text": " "}
    answer = citizen.post(link, {**data, "attached": SimpleUploadedFile("a.txt", b"words")})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'href="#id_text"' in page
    again = citizen.post(link, {**fields(page), "text": "На фото труба."})
    assert again.status_code == 302
    assert rows_of("SELECT count(*) FROM inbox_attachment") == [(1,)]


def test_its_author_withdraws_it_with_all_that_was_added_after_being_asked(citizen, link, rows_of):
    data = {**fields(citizen.get(link).content.decode()), "text": "Ещё одно."}
    citizen.post(link, data)
    asked = citizen.get(link + "withdraw/").content.decode()
    assert f"Withdraw appeal {number_of(link)}?" in asked
    assert {state for (state,) in rows_of("SELECT state FROM inbox_appeal")} == {"received"}
    answer = citizen.post(link + "withdraw/", {})
    assert (answer.status_code, answer["Location"]) == (302, link)
    assert rows_of("SELECT state FROM inbox_appeal") == [("withdrawn",), ("withdrawn",)]
    assert rows_of("SELECT count(*) FROM inbox_pending") == [(0,)]
    page = citizen.get(link).content.decode()
    assert "You withdrew this appeal" in page
    assert "Add to your appeal" not in page
    assert citizen.post(link, {**data, "mark": "", "text": "Нет, всё же."}).status_code == 302
    assert rows_of("SELECT count(*) FROM inbox_appeal") == [(2,)]


def test_an_erased_appeal_shows_nothing_of_what_was_written(citizen, link, understood, as_owner):
    from veche.service.inbox.models import Appeal, AppealText

    understood()
    with as_owner():
        AppealText.objects.all().delete()
        Appeal.objects.update(state="erased", topic="", body="")
    page = citizen.get(link).content.decode()
    assert "What you wrote was erased" in page
    assert "горячей воды" not in page
    assert citizen.get(link + "withdraw/").status_code == 200
    assert citizen.post(link + "withdraw/", {}).status_code == 302


def test_the_secret_stands_nowhere_in_the_database(link, rows_of):
    secret = link.split("/")[4]
    tables = rows_of(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
    )
    for (table,) in tables:
        found = rows_of(f'SELECT count(*) FROM "{table}" AS t WHERE t::text LIKE %s', f"%{secret}%")
        assert found == [(0,)], table
