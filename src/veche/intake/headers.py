"""The names that columns go by in Russian, English, Spanish and German exports.

Knows names only; what the values look like is `mapping`'s concern. To add a name, add it to the line
of its field: names are compared without case, punctuation and the dots of ё.
"""

import re
from collections.abc import Mapping

#: Fields that a column can be mapped to. `title` goes before the text; the three territories are joined.
FIELDS = (
    "id",
    "text",
    "title",
    "received_at",
    "channel",
    "language",
    "territory",
    "address",
    "lat",
    "lon",
    "age",
    "sex",
    "occupation",
    "author",
    "thread",
    "attachments",
)

# Within a field, earlier names win over later ones.
_NAMES: Mapping[str, str] = {
    "text": """
        text; текст обращения; текст сообщения; текст жалобы; текст вопроса; текст письма; текст заявления;
        текст заявки; текст отзыва; текст предложения; текст; содержание обращения; суть обращения;
        суть вопроса; суть жалобы; суть проблемы; содержание; описание проблемы; описание; обращение;
        сообщение; жалоба; вопрос; отзыв; комментарий; предложение; body; comment body; comment text; message;
        message text; complaint text; full text; description; comment; comments; content; complaint; appeal;
        feedback; feedback text; review; response; petition; proposal; question text; narrative;
        consumer complaint narrative; descripcion; texto; cuerpo; comentario; mensaje; beschreibung;
        nachricht; meldung; anliegen; kommentar; мәтін; өтініш мәтіні""",
    "title": """
        title; заголовок; заголовок обращения; название обращения; краткое содержание; headline; titulo;
        titel; uberschrift; overschrift; betreff; asunto; subject; subject line; тема письма; тема сообщения;
        тема обращения; тема""",
    "id": """
        id; appeal id; номер обращения; регистрационный номер; рег номер; id обращения; идентификатор;
        код обращения; номер заявки; номер сообщения; номер жалобы; номер; service request id; request id;
        case enquiry id; case id; complaint id; comment id; message id; ticket id; ticket; response id;
        submission id; petition id; proposal id; record id; reference; reference number; unique key;
        uuid; guid; foreign id; expediente; codigo; vorgangsnummer; aktenzeichen; meldungs id""",
    "received_at": """
        received at; дата поступления; дата и время поступления; поступило; дата обращения; дата регистрации;
        дата создания; дата подачи; дата приема; дата отправки; дата сообщения; дата публикации; дата и время;
        дата; requested datetime; received; date received; received date; created at; created; created date;
        creation date; date created; open dt; opened; open date; submitted at; submitted; submission date;
        date submitted; published at; timestamp; datetime; date time; date; time; sent at; sent; fecha;
        fecha de creacion; fecha y hora; fecha de registro; datum; eingangsdatum; erstellt am; erstellt;
        meldedatum; күні""",
    "channel": """
        channel; канал; канал поступления; канал связи; канал обращения; способ подачи; способ поступления;
        способ обращения; источник поступления; источник; тип канала; source channel; source; submitted via;
        origin; medium; canal; via; kanal; eingangskanal; quelle""",
    "language": """
        language; declared language; язык; язык обращения; lang; locale; idioma; lengua; sprache; тіл""",
    "territory:1": """
        region; регион; субъект; субъект рф; субъект федерации; область; край; state or region; province;
        oblast; comunidad autonoma; provincia; bundesland; аймақ; облыс""",
    "territory:2": """
        municipality; муниципалитет; муниципальное образование; мо; город; населенный пункт; городской округ;
        муниципальный район; city; town; settlement; borough; county; local authority; municipio; ciudad;
        gemeinde; stadt; қала""",
    "territory:3": """
        territory; территория; neighborhood; neighbourhood; district; район; район города; микрорайон; округ;
        ward; community board; suburb; barrio; distrito; stadtteil; ortsteil; bezirk; declared territory""",
    "address": """
        address; адрес; адрес проблемы; адрес места; адрес объекта; место; место происшествия; улица;
        location address; incident address; street address; location street name; street; location; direccion;
        adresse; strasse; адрес заявителя; адрес проживания; адрес регистрации; почтовый адрес""",
    "lat": "lat; latitude; широта; geo lat; y coord; latitud; breitengrad",
    "lon": "lon; lng; long; longitude; долгота; geo lon; geo lng; longitud; langengrad",
    "age": "age; возраст; возраст заявителя; полных лет; age years; edad; alter; жасы",
    "sex": "sex; gender; пол; пол заявителя; sexo; genero; geschlecht; жынысы",
    "occupation": """
        occupation; род занятий; профессия; занятость; социальное положение; социальный статус;
        социальная группа; должность; место работы; profession; job; job title; employment; ocupacion;
        profesion; beruf; beschaftigung""",
    "author": """
        author; author id; id автора; id заявителя; user id; participant id; respondent id; citizen id; email;
        e mail; электронная почта; эл почта; почта заявителя; email заявителя; телефон; телефон заявителя;
        номер телефона; контактный телефон; phone; phone number; mobile; фио; фио заявителя; фио автора;
        заявитель; автор; автор обращения; имя; фамилия имя отчество; user; username; user name; author name;
        full name; name; reporter; submitter; sender; from; отправитель; autor; nombre; correo; telefono;
        absender; melder""",
    "thread": """
        thread; thread id; conversation id; conversation; parent id; reply to; in reply to; цепочка;
        номер цепочки; связанное обращение""",
    "attachments": """
        attachments; attachment; вложения; вложение; приложения; файлы; прикрепленные файлы; files;
        file names; media url; media urls; photo; photos; image; images; фото; adjuntos; anhange""",
}

_SEPARATORS = re.compile(r"[\W_]+")
_CAMEL = re.compile(r"(?<=[a-zа-яё0-9])(?=[A-ZА-ЯЁ])")
_PLAIN = str.maketrans("ёáéíóúñüöä", "еaeiounuoa") | {ord("ß"): "ss"}


def plain(name: str) -> str:
    """Return a name without case, punctuation and accents: "Comment-ID", "commentId" → "comment id"."""
    split = _CAMEL.sub(" ", name.strip())
    return _SEPARATORS.sub(" ", split.lower().translate(_PLAIN)).strip()


_PLACES = {
    plain(name): (field, place)
    for field, names in reversed(_NAMES.items())
    for place, name in enumerate(names.split(";"))
}

# "FFT answer", "Текст (публичный)": part of a name is a hint that the values must confirm.
_TEXT_PARTS = re.compile(
    r"^(?:текст|содержание|суть|описание)\b|\b(?:text|answer|description|narrative|comment)$|^(?:text|comment|description)\b"
)
_NOT_TEXT = re.compile(
    r"\b(?:id|date|дата|ответ|ответа|решения|reply|response by|url|link|count|sentiment|score|type|category"
    r"|categorical|status|author|language|lang|длина|length|number|no|is|has|решение|автора)\b"
)
_TEXT_IN_LANGUAGE = re.compile(r"^(?:text|текст|body|message|comment|description) ([a-z]{2})$")


def field_of(name: str) -> tuple[str, int] | None:
    """Return the field that a column name stands for and its place among the field's names, or None.

    Territories come as "territory:1" (region), "territory:2" (municipality), "territory:3" (within it).
    A dotted name (`properties.text`) is also tried by its last part.
    """
    found = _PLACES.get(plain(name))
    if found is None and "." in name:
        found = _PLACES.get(plain(name.rsplit(".", 1)[-1]))
    return found


def may_be_text(name: str) -> bool:
    """Return whether a name that is not known speaks of a text all the same."""
    words = plain(name)
    return bool(_TEXT_PARTS.search(words)) and not _NOT_TEXT.search(words)


def text_language(name: str) -> str | None:
    """Return "ru" for "text_ru" and the like: one text given in several languages."""
    found = _TEXT_IN_LANGUAGE.match(plain(name))
    if found is None or found[1] in ("id", "no", "by", "at"):
        return None
    return "kk" if found[1] == "kz" else found[1]


def shown(names: list[str], *, most: int = 40) -> str:
    """Return the first `most` column names for a message; one that may be an appeal is left out."""
    listed = [n if len(n) <= 60 and not re.search(r"\d{5}|@", n) else "…" for n in names[:most]]
    return ", ".join(listed) + (", …" if len(names) > most else "")
