"""Reads a digest: the one that a run wrote, a JSON list of quotations, or plain text and Markdown."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from veche.core.errors import N_, UsageError
from veche.core.i18n import _
from veche.core.library_words import reason
from veche.core.text import Texts
from veche.stages.sentences import sentences

#: A digest is something that a person reads.
MOST_BYTES = 50_000_000
MOST_SENTENCES = 5000

#: A sentence of fewer words ("Thank you.") says too little to be compared.
LEAST_WORDS = 3

_TAG = re.compile(
    r"<\s*/?\s*(?:!doctype|html|head|body|p|div|span|br|h[1-6]|ul|ol|li|a|b|i|em|strong|table|tr|td|script"
    r"|style|img|blockquote)\b[^<>]*>",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+")

#: Markdown: a heading, a rule or a fence; marks before a line; a link; emphasis.
_NO_TEXT = re.compile(r"\s*(?:#{1,6}\s|(?:[-*_=]\s*){3,}$|```|~~~|\|?\s*:?-{3,}|\[[^\]]+\]:\s)")
_MARK = re.compile(r"^(?:\s*(?:>|[-*+•–—]\s|\d{1,3}[.)]\s))+\s*")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)\s]*(?:\s+\"[^\"]*\")?\)")
_EMPHASIS = re.compile(r"(\*{1,3}|_{2,3}|`)(?=\S)(.+?)(?<=\S)\1")
_HEADING_BELOW = re.compile(r"\s*(?:=+|-+)\s*$")


@dataclass(frozen=True)
class Quotation:
    """One sentence or quotation of a digest, with the appeal that it names (None where it names none)."""

    text: str
    appeal_id: str | None = None


def read(path: Path) -> list[Quotation]:
    """Return the quotations of a digest in its order.

    Raises:
        UsageError: there is no such file, it holds HTML, no quotation, or is no JSON that we know.
    """
    text = _text(path)
    if path.suffix.lower() == ".json" or text.lstrip()[:1] in ("{", "["):
        found = _json(path, text)
    else:
        _refuse_html(path, text)
        found = [Quotation(sentence) for sentence in _sentences(text)]
    found = [q for q in found if len(_WORD.findall(q.text)) >= LEAST_WORDS]
    if not found:
        raise _wrong(
            N_("{path} holds no quotation and no sentence of {n} words or more."), path=path, n=LEAST_WORDS
        )
    if len(found) > MOST_SENTENCES:
        raise _wrong(
            N_("{path} holds {n} sentences; a digest has at most {most}."),
            path=path,
            n=len(found),
            most=MOST_SENTENCES,
        )
    return found


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise _wrong(N_("{path} is too large for a digest."), path=path)
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise _wrong(N_("{path} cannot be read: {reason}."), path=path, reason=reason(error)) from error
    except UnicodeDecodeError as error:
        raise _wrong(
            N_("{path} is not text in UTF-8: save it as plain text or Markdown in UTF-8."), path=path
        ) from error


def _wrong(message: str, **facts: object) -> UsageError:
    return UsageError(problem=_(message).format(**facts))


def _refuse_html(where: object, text: str) -> None:
    if _TAG.search(text):
        raise _wrong(
            N_("{path} holds HTML: save it as plain text or Markdown, or take out the tags."), path=where
        )


def _json(path: Path, text: str) -> list[Quotation]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _wrong(N_("{path} is no JSON: {reason}."), path=path, reason=_place(error)) from error
    if isinstance(data, dict) and isinstance(data.get("themes"), list):
        return list(dict.fromkeys(_of_run(data["themes"])))
    entries = data.get("quotations") if isinstance(data, dict) else data
    if not isinstance(entries, list):
        raise _wrong(
            N_("{path} is no list of quotations: expected entries with “text” and “appeal_id”."), path=path
        )
    found = []
    for number, entry in enumerate(entries, start=1):
        said = entry.get("text") if isinstance(entry, dict) else entry
        named = entry.get("appeal_id") if isinstance(entry, dict) else None
        if not isinstance(said, str) or not isinstance(named, str | None):
            raise _wrong(
                N_("{path}, entry {n}: expected a “text”, and an “appeal_id” that is text or missing."),
                path=path,
                n=number,
            )
        _refuse_html(_("{path}, entry {n}").format(path=path, n=number), said)
        found.append(Quotation(" ".join(said.split()), named or None))
    return found


def _place(error: BaseException) -> str:
    if isinstance(error, json.JSONDecodeError):
        return _("line {line}, column {column}").format(line=error.lineno, column=error.colno)
    return _("it is nested too deeply")


def _of_run(node: Any) -> Iterator[Quotation]:
    """The quotations of a run's digests, wherever they stand: in themes, subthemes and positions."""
    if isinstance(node, list):
        for entry in node:
            yield from _of_run(entry)
    elif isinstance(node, dict) and not node.get("says_nothing"):
        if isinstance(node.get("appeal_id"), str) and isinstance(node.get("text"), str):
            yield Quotation(node["text"], node["appeal_id"])
        for value in node.values():
            yield from _of_run(value)


def _sentences(text: str) -> list[str]:
    """The sentences of plain text or Markdown, paragraph by paragraph, without headings and marks."""
    paragraphs: list[str] = [""]
    fenced = False
    for line in text.replace("\x00", " ").splitlines():
        fenced ^= line.lstrip().startswith(("```", "~~~"))
        if _HEADING_BELOW.match(line) and paragraphs[-1] and len(_WORD.findall(paragraphs[-1])) < 12:
            paragraphs[-1] = ""
        if fenced or not line.strip() or _NO_TEXT.match(line):
            paragraphs.append("")
        elif _MARK.match(line) and not line.lstrip().startswith(">"):
            paragraphs.append(_MARK.sub("", line))
        else:
            paragraphs[-1] = f"{paragraphs[-1]} {_MARK.sub('', line)}".strip()
    plain = [_EMPHASIS.sub(r"\2", _LINK.sub(r"\1", p)) for p in paragraphs if p]
    cut = sentences(Texts(pa.array(plain, pa.string())))
    spans = zip(cut.row.tolist(), cut.start.tolist(), cut.end.tolist(), strict=True)
    return [plain[row][start:end].strip("«»“”„\"'") for row, start, end in spans]
