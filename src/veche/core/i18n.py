"""Messages in the reader's language through gettext.

English is written in the code; other languages come from `locale/*/LC_MESSAGES/veche.po`, compiled
when the package is built. One language holds for the whole process: `set_language` picks it once,
also for the words of the library that reads the command line.
"""

import gettext as _gettext
import os
from pathlib import Path

LANGUAGES = ("en", "ru")

_DOMAIN = "veche"
_LOCALE = Path(__file__).resolve().parent.parent / "locale"
_current: _gettext.NullTranslations = _gettext.NullTranslations()
_language = "en"


def language_of_environment() -> str:
    """Return the language that the environment asks for, `en` where it asks for none that we speak."""
    for name in ("VECHE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value:
            return value[:2] if value[:2] in LANGUAGES else "en"
    return "en"


def set_language(language: str) -> None:
    """Make `language` (one of `LANGUAGES`) the language of all messages from now on.

    click asks the default domain of the standard gettext for its own words ("Usage:", "Missing
    option"), and gettext picks the language from the variable LANGUAGE before all others. So our
    catalogue becomes the default domain and LANGUAGE is set; `veche.cli.click_words` lists the words.
    """
    global _current, _language
    _current = _gettext.translation(_DOMAIN, _LOCALE, [language], fallback=True)
    _language = language
    _gettext.bindtextdomain(_DOMAIN, str(_LOCALE))
    _gettext.textdomain(_DOMAIN)
    os.environ["LANGUAGE"] = language


def language() -> str:
    """Return the language in force."""
    return _language


def _(message: str) -> str:
    """Translate `message`."""
    return _current.gettext(message) if message else message


def ngettext(singular: str, plural: str, n: int) -> str:
    """Translate the form that goes with the number `n`."""
    return _current.ngettext(singular, plural, n)
