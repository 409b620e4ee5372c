"""Cuts quoted replies and signatures from the text of a mail, in Russian, English, Spanish and German.

Line by line with patterns of linear time. Nothing is cut where nothing would be left: a forwarded
letter is the appeal itself.
"""

from veche.core.text import compile_pattern

_LINE = 2_000  # a longer line is prose, whatever it begins with

_WROTE = compile_pattern(
    r"(?i)^[\s>*]*(?:"
    r"(?:on|el|am|le)\s.{4,200}\s(?:wrote|escribió|schrieb|a écrit)(?:\s.{0,80})?:"
    r"|(?:.{0,200}\s)?(?:пишет|писал|писала|писал\(а\)|написал|написала|написал\(а\))\s*(?:\d.{0,40})?:"
    r"|.{0,100}<[^<>\s]+@[^<>\s]+>\s*(?:wrote|schrieb|escribió)?\s*:"
    r")\s*$"
)
_WROTE_BEGINS = compile_pattern(
    r"(?i)^[\s*]*(?:on\s.{4,120}\d{4}|(?:пн|вт|ср|чт|пт|сб|вс|понедельник|вторник|среда|четверг|пятница|суббота|"
    r"воскресенье)[,.\s].{4,120}\d{4}|\d{1,2}[. ][\pL\d.]{2,10}[. ]\d{4}.{0,120}(?:от|в)\s)"
)
_DIVIDER = compile_pattern(
    r"(?i)^\s*(?:[-_=*]{2,}\s*(?:original message|forwarded message|исходное сообщение|пересланное сообщение|"
    r"пересылаемое сообщение|конец пересылаемого сообщения|оригинальное сообщение|mensaje original|"
    r"ursprüngliche nachricht)\s*[-_=*]{0,}|_{10,})\s*$"
)
_HEADER = compile_pattern(
    r"(?i)^[\s>*]*(?:from|sent|to|subject|date|cc|от|от кого|кому|отправлено|дата|тема|копия|von|gesendet|an|"
    r"betreff|de|enviado|para|asunto)\s*\*?:\s*\*?\s*\S"
)
_HEADER_FIRST = compile_pattern(r"(?i)^[\s>*]*(?:from|от|от кого|von|de)\s*\*?:\s*\*?\s*\S")
_SENT_FROM = compile_pattern(
    r"(?i)^\s*(?:sent from (?:my |mail for |outlook|yahoo)|get outlook for|отправлено (?:из|с|через) |"
    r"отправлено с моего|gesendet (?:von|mit) |enviado desde ).{0,80}$"
)
_CLOSING = compile_pattern(
    r"(?i)^\s*(?:с уважением|с глубоким уважением|с искренним уважением|с наилучшими пожеланиями|"
    r"всего доброго|заранее благодар\pL+|заранее спасибо|best regards|kind regards|regards|"
    r"yours (?:sincerely|faithfully|truly)|sincerely|best wishes|many thanks|thanks|mit freundlichen grüßen|"
    r"mfg|atentamente|un saludo|saludos)"
    r"[\s,.!–—-]*$"
)
_CLOSING_WITH_NAME = compile_pattern(
    r"^\s*(?:С (?:глубоким )?уважением|Best regards|Kind regards|Regards)[,.]?\s+\p{Lu}\S*(?:\s+\S+){0,5}\s*$"
)
#: A signature is short; more lines than this after "Sincerely" are text again.
_SIGNATURE_LINES = 12


def own_words(text: str) -> str:
    """Return what the author of a mail wrote: no quoted mail, no signature, no line of the phone's maker.

    Returns the whole text where that leaves nothing.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept = _without_signature(_without_quotes(lines))
    result = "\n".join(kept).strip()
    return result or "\n".join(lines).strip()


def _without_quotes(lines: list[str]) -> list[str]:
    kept: list[str] = []
    i, n = 0, len(lines)
    while i < n:
        line = lines[i]
        if len(line) > _LINE:
            kept.append(line)
        elif _DIVIDER.match(line) or _is_header_block(lines, i):
            break
        elif length := _attribution(lines, i):
            after = next((x for x in lines[i + length :] if x.strip()), "")
            if not after.lstrip().startswith(">"):
                break
            i += length
            continue
        elif line.startswith(">From "):
            kept.append(line[1:])  # the sign stands for the mail program's care, not for a quotation
        elif not line.lstrip().startswith(">"):
            kept.append(line)
        i += 1
    return kept


def _attribution(lines: list[str], at: int) -> int:
    """How many lines "On Monday ... wrote:" takes at this place: 0, 1 or, where it was wrapped, 2 or 3."""
    if not lines[at].strip():
        return 0
    if _WROTE.match(lines[at]):
        return 1
    if _WROTE_BEGINS.match(lines[at]):
        for more in (2, 3):
            joined = " ".join(line.strip() for line in lines[at : at + more])
            if len(joined) <= _LINE and _WROTE.match(joined):
                return more
    return 0


def _is_header_block(lines: list[str], at: int) -> bool:
    """Outlook quotes without a mark: "From:", "Sent:", "To:" on lines of their own."""
    if not _HEADER_FIRST.match(lines[at]):
        return False
    return sum(bool(_HEADER.match(line)) for line in lines[at : at + 6] if len(line) <= _LINE) >= 3


def _without_signature(lines: list[str]) -> list[str]:
    for i, line in enumerate(lines):
        if line.rstrip(" ") == "--" or (line.startswith("-- ") and not line.strip("- ")):
            lines = lines[:i]
            break
    while lines and (not lines[-1].strip() or _SENT_FROM.match(lines[-1][:_LINE])):
        lines = lines[:-1]
    filled = [i for i, line in enumerate(lines) if line.strip()]
    for i in filled[-_SIGNATURE_LINES:]:
        line = lines[i]
        if i != filled[0] and len(line) <= 120 and (_CLOSING.match(line) or _CLOSING_WITH_NAME.match(line)):
            after = [x for x in lines[i + 1 :] if x.strip()]
            if all(len(x) <= 120 for x in after):
                return lines[:i]
    return lines
