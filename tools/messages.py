"""Brings the translations up to date with the code: `make messages`.

Finds the English messages in the code and the templates, adds those that a `veche.po` lacks (empty,
to be translated by hand), drops those that nobody says any more, and compiles. Translates nothing
and guesses nothing: what is empty is named at the end, and a test fails until it is filled.
"""

import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir, extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "veche"
_KEYWORDS = {
    "_": None,
    "N_": None,
    "NN_": (1, 2),
    "gettext": None,
    "gettext_lazy": None,
    "lazy": None,
    "ngettext": (1, 2),
}
_WIDTH = 100


def _of_django(file: BinaryIO, keywords: Any, comments: Any, options: Any) -> Iterator[Any]:
    """Find the messages of a template of the live service, which Django turns into Python for that."""
    from django.utils.translation.template import templatize

    python = templatize(file.read().decode("utf-8"))
    yield from extract_python(io.BytesIO(python.encode("utf-8")), keywords, comments, options)


_METHODS = [
    ("**.py", "python"),
    ("service/**.html", _of_django),
    ("service/**.txt", _of_django),
    ("**.html", "jinja2"),
]


def extract() -> Catalog:
    """Return all messages of the product, in the order of files."""
    found = Catalog()
    for _file, _line, message, _comments, _context in extract_from_dir(
        PACKAGE, method_map=_METHODS, keywords=_KEYWORDS
    ):
        found.add(message)
    return found


def update(po: Path) -> list[str]:
    """Bring one `veche.po` up to date and compile it; return the messages that it does not translate."""
    text = po.read_text(encoding="utf-8")
    with po.open("rb") as f:
        catalog = read_po(f, locale=po.parent.parent.name)
    catalog.update(extract(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    # The header is kept as it is; babel would put dates and names of tools into it.
    header, _blank, _rest = text.partition("\n\n")
    with po.open("wb") as f:
        f.write(f"{header}\n\n".encode())
        write_po(f, catalog, width=_WIDTH, omit_header=True, no_location=True)
    for mo in (po.with_suffix(".mo"), po.with_name("django.mo")):
        with mo.open("wb") as f:
            write_mo(f, catalog)
    return [str(m.id) for m in catalog if m.id and not _whole(m.string)]


def _whole(translated: str | tuple[str, ...] | list[str] | None) -> bool:
    return bool(translated) and all(translated)


if __name__ == "__main__":
    status = 0
    for path in sorted(PACKAGE.glob("locale/*/LC_MESSAGES/veche.po")):
        for message in update(path):
            print(f"{path.relative_to(PACKAGE)}: not translated: {message}", file=sys.stderr)
            status = 1
    sys.exit(status)
