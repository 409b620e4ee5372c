"""Codes in the reader's words: what the values of dimensions, facets and stages are called.

Topics and territories have titles in their pack; values that nobody named are shown as they are.
"""

from veche.core.errors import N_
from veche.core.i18n import _
from veche.packs.text import Text, in_language

_KINDS = {
    "question": N_("Question"),
    "complaint": N_("Complaint"),
    "request": N_("Request"),
    "proposal": N_("Proposal"),
    "thanks": N_("Thanks"),
    "threat": N_("Threat"),
    "spam": N_("Spam"),
    "other": N_("Other"),
}
_URGENCIES = {
    "life": N_("Threat to life or health"),
    "deadline": N_("Deadline near"),
    "none": N_("Not urgent"),
}
_SEXES = {"female": N_("Women"), "male": N_("Men")}
_AGES = {"0-17": N_("under 18"), "65+": N_("65 and over")}
_CHANNELS = {
    "web": N_("Web form"),
    "web form": N_("Web form"),
    "web-form": N_("Web form"),
    "site": N_("Web form"),
    "phone": N_("Phone call"),
    "call": N_("Phone call"),
    "email": N_("E-mail"),
    "e-mail": N_("E-mail"),
    "letter": N_("Letter"),
    "sms": N_("Text message"),
    "messenger": N_("Messenger"),
    "social": N_("Social network"),
    "app": N_("Mobile app"),
    "operator": N_("Operator"),
    "open311": N_("Open311"),
    "mobile-app": N_("Mobile app"),
    "phone-hotline": N_("Hotline"),
    "state-portal": N_("State services portal"),
    "municipal-site": N_("Municipal site"),
    "video-message": N_("Video message"),
    "call-to-studio": N_("Call to the studio"),
    "governor-line": N_("Governor's line"),
    "personal-reception": N_("Reception in person"),
    "party-reception": N_("Party reception office"),
    "mfc": N_("Public services centre"),
    "qr-poster": N_("QR code on a poster"),
    "fax": N_("Fax"),
    "chat": N_("Chat"),
    "vk": N_("VK"),
    "ok": N_("OK"),
    "voicemail": N_("Voicemail"),
    "walk-in": N_("Visit"),
    "deputy": N_("Deputy"),
    "ombudsman": N_("Ombudsman"),
    "prosecutor": N_("Prosecutor's office"),
    "newspaper": N_("Newspaper"),
    "radio-show": N_("Radio show"),
    "television": N_("Television"),
    "bus-terminal": N_("Terminal in a bus"),
    "mayor-hotline": N_("Mayor's hotline"),
    "phone-311": N_("Phone 311"),
    "kiosk": N_("Kiosk"),
    "telegram-post": N_("Telegram post"),
    "telegram": "Telegram",
    "whatsapp": "WhatsApp",
    "max": "MAX",
}
_GROUPS = {
    "pensioner": N_("Pensioners"),
    "veteran": N_("Veterans"),
    "combat-veteran": N_("Combat veterans"),
    "disability": N_("People with disabilities"),
    "large-family": N_("Large families"),
    "single-parent": N_("Single parents"),
    "parent": N_("Parents"),
    "student": N_("Students"),
    "unemployed": N_("Unemployed people"),
    "low-income": N_("People on low incomes"),
    "orphan": N_("Orphans"),
    "migrant": N_("Migrants"),
    "immigrant": N_("Migrants"),
    "visitor": N_("Visitors"),
    "homeless": N_("Homeless people"),
    "carer": N_("Carers"),
    "guardian": N_("Guardians"),
    "tenant": N_("Tenants"),
    "homeowner": N_("Home owners"),
    "military-family": N_("Families of servicemen"),
    "serviceman": N_("Servicemen"),
    "soldier-family": N_("Families of servicemen"),
    "combatant": N_("Servicemen in combat"),
    "pregnant": N_("Expectant mothers"),
    "expecting": N_("Expectant mothers"),
    "disabled-child-parent": N_("Parents of children with disabilities"),
    "rural": N_("People in villages"),
    "teacher": N_("Teachers"),
    "doctor": N_("Doctors"),
    "nurse": N_("Nurses"),
    "health-worker": N_("Health workers"),
    "medic": N_("Health workers"),
    "driver": N_("Drivers"),
    "farmer": N_("Farmers"),
    "entrepreneur": N_("Entrepreneurs"),
    "business": N_("Entrepreneurs"),
    "business-owner": N_("Entrepreneurs"),
    "city-worker": N_("City workers"),
    "self-employed": N_("Self-employed people"),
    "worker": N_("Workers"),
    "engineer": N_("Engineers"),
    "scientist": N_("Scientists"),
    "police": N_("Police officers"),
    "military": N_("Servicemen"),
    "civil-servant": N_("Civil servants"),
    "official": N_("Civil servants"),
    "post": N_("Postal workers"),
    "pupil": N_("Pupils"),
    "culture": N_("Culture workers"),
    "culture-worker": N_("Culture workers"),
    "social-worker": N_("Social workers"),
    "builder": N_("Builders"),
    "miner": N_("Miners"),
    "retail": N_("Shop workers"),
    "it": N_("IT workers"),
}
_LANGUAGES = {
    "ab": N_("Abkhaz"),
    "ar": N_("Arabic"),
    "av": N_("Avar"),
    "az": N_("Azerbaijani"),
    "ba": N_("Bashkir"),
    "be": N_("Belarusian"),
    "bg": N_("Bulgarian"),
    "bxr": N_("Buryat"),
    "ce": N_("Chechen"),
    "cs": N_("Czech"),
    "cv": N_("Chuvash"),
    "de": N_("German"),
    "en": N_("English"),
    "es": N_("Spanish"),
    "fa": N_("Persian"),
    "fr": N_("French"),
    "he": N_("Hebrew"),
    "ht": N_("Haitian Creole"),
    "hy": N_("Armenian"),
    "it": N_("Italian"),
    "ja": N_("Japanese"),
    "ka": N_("Georgian"),
    "kk": N_("Kazakh"),
    "ko": N_("Korean"),
    "krc": N_("Karachay-Balkar"),
    "kv": N_("Komi"),
    "ky": N_("Kyrgyz"),
    "lez": N_("Lezgian"),
    "mhr": N_("Mari"),
    "mk": N_("Macedonian"),
    "mn": N_("Mongolian"),
    "mrj": N_("Hill Mari"),
    "myv": N_("Erzya"),
    "nl": N_("Dutch"),
    "os": N_("Ossetian"),
    "pl": N_("Polish"),
    "pt": N_("Portuguese"),
    "ro": N_("Romanian"),
    "ru": N_("Russian"),
    "sah": N_("Yakut"),
    "sr": N_("Serbian"),
    "tg": N_("Tajik"),
    "tr": N_("Turkish"),
    "tt": N_("Tatar"),
    "tyv": N_("Tuvan"),
    "udm": N_("Udmurt"),
    "uk": N_("Ukrainian"),
    "und": N_("Too short to tell"),
    "uz": N_("Uzbek"),
    "vi": N_("Vietnamese"),
    "xal": N_("Kalmyk"),
    "zh": N_("Chinese"),
}
_FACETS = {
    "language": N_("Language"),
    "kind": N_("Kind"),
    "topic": N_("Topic"),
    "place": N_("Place"),
    "body": N_("Responsible body"),
    "urgency": N_("Urgency"),
    "group": N_("Group"),
    "repeat": N_("Repeats"),
    "theme": N_("Theme"),
}
_STEPS = {
    "masks": N_("Masking of personal data"),
    "matters": N_("Concerns in an appeal"),
    "tokens": N_("Words"),
    "vectors": N_("Sentence vectors"),
    "signature": N_("Signatures of texts"),
    "understand": N_("Reading and understanding"),
    "repeats": N_("Repeats"),
    "themes": N_("Themes"),
    "appeals": N_("Writing the appeals"),
    "picture": N_("Counting"),
    "decisions": N_("Following what a person decided"),
    "alerts": N_("Looking for what comes more often"),
    "audit": N_("Auditing the digest"),
}
_POSITIONS = {
    "praise": N_("Praise"),
    "complaint": N_("Complaint"),
    "for": N_("For"),
    "against": N_("Against"),
}
_DIMENSIONS = {
    "theme": N_("Theme"),
    "territory": N_("Territory"),
    "group": N_("Group"),
    "language": N_("Language"),
    "channel": N_("Channel"),
    "opinion": N_("Opinion"),
}
_WORDS = {
    "kind": _KINDS,
    "urgency": _URGENCIES,
    "sex": _SEXES,
    "age_group": _AGES,
    "channel": _CHANNELS,
    "occupation": _GROUPS,
    "group": {**_GROUPS, **_SEXES},
    "language": _LANGUAGES,
    "facet": _FACETS,
    "position": _POSITIONS,
    "dimension": _DIMENSIONS,
    "step": {**_FACETS, **_STEPS},
}
_WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))


def label(dimension: str, value: str | None) -> str:
    """Return what `value` of `dimension` is called in the language in force."""
    if value is None:
        return _("Not known")
    known = _WORDS.get(dimension, {})
    name = value.split(":", 1)[-1] if dimension == "group" else value
    message = known.get(name) or known.get(name.lower())
    if message:
        return _(message)
    if dimension == "age_group":
        return name.replace("-", "–")
    if dimension in ("group", "occupation"):
        return name.replace("-", " ").capitalize()
    return name


def apart_from_themes(code: str) -> str | None:
    """Return what the appeals are called that `code` keeps apart from all themes, None for a theme's code."""
    return {"rare": _("Rare and singular"), "aside": _("Set aside by a person")}.get(code)


def weekday(number: int) -> str:
    """Return the short name of a weekday, Monday being 0."""
    return _(_WEEKDAYS[number])


def title(text: Text, language: str) -> str:
    """Return a pack's text in `language`, in English, or else in the first language that it has."""
    return in_language(text, language, "en")
