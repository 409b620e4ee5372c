"""Mails: the author's own words, decoded headers, the thread; never the attachments."""

import mailbox
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from reading import read

from veche.intake.mail import html_text, read_message
from veche.intake.quoting import own_words


def mail(text: str, *, subject: str = "Фонарь во дворе", number: int = 1, **headers: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Пётр Примеров <petr@example.org>"
    message["To"] = "priem@example.org"
    message["Subject"] = subject
    message["Date"] = "Tue, 05 Mar 2024 14:30:00 +0300 (MSK)"
    message["Message-ID"] = f"<{number}@example.org>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


def test_a_mail_is_an_appeal(tmp_path: Path) -> None:
    message = mail(
        "Не горит фонарь.", In_Reply_To="<0@example.org>", References="<first@example.org> <0@example.org>"
    )
    message.add_attachment(b"\xff\xd8\xff", maintype="image", subtype="jpeg", filename="фото двора.jpg")
    (tmp_path / "a.eml").write_bytes(message.as_bytes())
    (row,) = read(tmp_path / "a.eml").rows
    assert row["text"] == "Фонарь во дворе\nНе горит фонарь."
    assert row["foreign_id"] == "<1@example.org>"
    assert row["thread"] == "<first@example.org>"
    assert row["author"] == "petr@example.org"
    assert row["channel"] == "email"
    assert row["attachments"] == ["фото двора.jpg"]
    assert (row["received_at"], row["received_zone"]) == (datetime(2024, 3, 5, 11, 30, tzinfo=UTC), "+03:00")
    assert row["kept"] == []


@pytest.mark.parametrize("charset", ["utf-8", "windows-1251", "koi8-r"])
def test_headers_and_bodies_are_decoded(charset: str) -> None:
    message = EmailMessage()
    message["From"] = "a@example.org"
    message.set_content("Тепло в дом не дали до сих пор", charset=charset)
    raw = b"Subject: " + f"Тёплый приём {charset}".encode(charset) + b"\r\n" + message.as_bytes()
    read_back = read_message(raw)
    assert read_back["title"] == f"Тёплый приём {charset}"
    assert read_back["text"] == "Тепло в дом не дали до сих пор"


def test_the_text_of_html_is_read_without_quotes_scripts_and_styles() -> None:
    html = (
        "<html><head><title>t</title><style>p{}</style></head><body><p>Добрый день!</p>"
        "<div>Нет воды<br>второй день</div><script>alert(1)</script>"
        "<blockquote>Старое письмо</blockquote></body></html>"
    )
    assert html_text(html).split() == ["Добрый", "день!", "Нет", "воды", "второй", "день"]
    assert "Нет воды\nвторой день" in html_text(html)


def test_a_mail_of_html_only_is_read() -> None:
    message = mail("x")
    message.clear_content()
    message.set_content("<p>Нет воды второй день</p>", subtype="html")
    assert read_message(message.as_bytes())["text"] == "Нет воды второй день"


def test_an_mbox_and_a_maildir_hold_the_same_appeals(tmp_path: Path) -> None:
    messages = [mail(f"Письмо {n}\n\nFrom the window I see it.\n", number=n) for n in range(5)]
    box = mailbox.mbox(tmp_path / "a.mbox")
    folder = mailbox.Maildir(tmp_path / "maildir")
    for message in messages:
        box.add(message)
        folder.add(message)
    box.close()
    from_box, from_folder = read(tmp_path / "a.mbox"), read(tmp_path / "maildir")
    assert len(from_box.texts) == 5
    assert sorted(from_box.texts) == sorted(from_folder.texts)
    assert all("From the window" in t for t in from_box.texts)
    assert from_folder.source.format == "maildir"


def test_a_mail_that_arrived_twice_is_taken_once(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.eml").write_bytes(mail("Не горит фонарь.", **{"X-Copy": name}).as_bytes())
    assert read(tmp_path).codes == ["VECHE-I019"]


def test_what_is_no_mail_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(b"\x00\x01 just bytes, no header\n")
    assert read(tmp_path / "a.eml").codes == ["VECHE-I017"]


OWN = "Прошу починить фонарь.\nСпасибо."
QUOTED = [
    "\n\n> Когда это случилось?\n> Ответьте.",
    "\n\n5 марта 2024 г., 14:30, Анна Образцова <anna@example.org> написала:\n\n> Когда?",
    "\n\nвт, 5 мар. 2024 г. в 14:30, Анна Образцова <anna@example.org>:\n\n> Когда?",
    "\n\nВторник, 5 марта 2024, 14:30 +03:00 от Анна Образцова <anna@example.org>:\n> Когда?",
    "\n\n05.03.2024 14:30, Анна Образцова пишет:\n> Когда?",
    "\n\n-------- Пересылаемое сообщение --------\nТема: Фонарь\n\nКогда?",
    "\n\n-----Original Message-----\nFrom: Anna\nSent: Tuesday\n\nWhen?",
    "\n\nОт: Анна Образцова\nОтправлено: 5 марта 2024 г.\nКому: Пётр\nТема: Фонарь\n\nКогда?",
    "\n\nOn Tue, Mar 5, 2024 at 2:30 PM Anna <anna@example.org> wrote:\n> When?",
    "\n\nOn Tue, Mar 5, 2024 at 2:30 PM Anna Sample\n<anna@example.org> wrote:\n\n> When?",
    "\n\nAm 05.03.2024 um 14:30 schrieb Anna <anna@example.org>:\n> Wann?",
    "\n\nEl mar, 5 mar 2024 a las 14:30, Ana (<ana@example.org>) escribió:\n> ¿Cuándo?",
    "\n\n-- \nПётр Примеров\nгл. инженер, +7 000 000-00-00",
    "\n\nС уважением,\nПётр Примеров",
    "\n\nС уважением, Пётр Примеров",
    "\n\nЗаранее благодарю,\nПётр",
    "\n\nKind regards,\nPeter Sample",
    "\n\nОтправлено с iPhone",
    "\n\nОтправлено из мобильной Почты Mail.ru",
    "\n\nSent from my Galaxy",
]


@pytest.mark.parametrize("tail", QUOTED)
def test_quoted_replies_and_signatures_are_cut(tail: str) -> None:
    assert own_words(OWN + tail) == OWN


@pytest.mark.parametrize(
    "text",
    [
        "Мэр пишет: всё хорошо.\nА у нас яма.",
        "Кому жаловаться?\nОт кого ждать ответа?",
        "С уважением отношусь к вашей работе, но яма осталась.\nПочините её.",
        "Список:\n- фонарь\n- скамейка",
        "Спасибо врачам!\nС уважением к вам относится весь подъезд, и мы просим наградить их.",
    ],
)
def test_an_authors_own_words_are_left_alone(text: str) -> None:
    assert own_words(text) == text


def test_an_answer_between_quotes_is_kept() -> None:
    text = "5 марта Анна пишет:\n> Когда?\nВчера.\n> Где?\nВо дворе."
    assert own_words(text) == "Вчера.\nВо дворе."


def test_a_forwarded_letter_is_not_cut_to_nothing() -> None:
    text = "---------- Forwarded message ---------\nFrom: Anna\n\nThe lamp is out."
    assert own_words(text) == text
