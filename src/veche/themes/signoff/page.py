"""Writes `themes.toml`, the page on which a person decides about the themes of a run.

Every theme has its section with all that can be decided, empty where nothing is yet. What the person
decided before is written down again; comments of the person's own are not, remarks belong in `note`.
"""

import json
import textwrap
from pathlib import Path
from typing import Any

from veche.core.formats import formats
from veche.core.i18n import _, language, ngettext
from veche.themes.signoff.decisions import Decision, Decisions, part_code
from veche.themes.signoff.held import Held

#: Quotations shown for each theme, and how much of each (code points).
QUOTED = 3
LONGEST = 160

_WIDTH = 100


def write_page(held: Held, decisions: Decisions, path: Path) -> None:
    """Write the page of the themes of `held` with what was decided so far."""
    parts = {t["theme"]: t for t in _shown_digests(held)}
    blocks = [_head(held)]
    for theme in held.machine.digests["themes"]:
        code = theme["theme"]
        blocks.append(_section(theme, decisions.of(code)))
        for number in range(len(decisions.of(code).split)):
            of_part = part_code(code, number + 1)
            entry = parts.get(of_part) or {"theme": of_part, "name": "", "quotations": []}
            blocks.append(_part_section(entry, decisions.of(of_part)))
    begun = path.with_suffix(".part")
    begun.write_text("\n\n".join(blocks) + "\n", "utf-8")
    begun.replace(path)


def _shown_digests(held: Held) -> list[dict[str, Any]]:
    return json.loads((held.folder / "digests.json").read_text("utf-8"))["themes"] if held.number else []


def _head(held: Held) -> str:
    digests = held.machine.digests
    number, n = formats(language()).number, len(digests["themes"])
    signer = _("your name")
    told = ngettext("{n} theme in {appeals} appeals.", "{n} themes in {appeals} appeals.", n)
    lines = [
        told.format(n=number(n), appeals=number(digests["appeals"])),
        "",
        _("Change what stands behind an equals sign, save the file, and follow it with:"),
        f'    veche themes apply {held.folder} --by "{signer}"',
        _("What you decide holds: no machine undoes it. To take a decision back, write it as it was before."),
        "",
        _("name   what the theme is called; write another name to rename it"),
        _('into   the theme that this one joins, for example into = "t002"; "" for none'),
        _(
            "split  sentences, or ids of appeals: the texts near each of them become a theme of their own, "
            'for example split = ["The radiators are cold."]'
        ),
        _("drop   true: not shown as a theme, its appeals are counted as set aside by a person"),
        _("pin    true: the theme stays in later runs, whatever the machine finds"),
        _('note   your own remark, for example note = "asked the housing office"'),
        "",
        _("Texts stand in quotation marks. Lines that begin with # are only read by people."),
    ]
    wrapped = [part for line in lines for part in (_wrapped(line) or [""])]
    return "\n".join(f"# {line}".rstrip() for line in wrapped) + f"\n\nrun = {_quoted(held.run)}"


def _wrapped(line: str) -> list[str]:
    indent = "       " if line[:5].strip().isalpha() and "  " in line[:7] else "    "
    return (
        textwrap.wrap(line, _WIDTH, subsequent_indent=indent, drop_whitespace=True)
        if len(line) > _WIDTH
        else [line]
    )


def _section(theme: dict[str, Any], decision: Decision) -> str:
    keys = [
        ("name", _quoted(decision.name or theme["name"])),
        ("into", _quoted(decision.into)),
        ("split", _listed(decision.split)),
        ("drop", _truth(decision.drop)),
        ("pin", _truth(decision.pin)),
        *_note(decision),
    ]
    return "\n".join([f"[theme.{theme['theme']}]", *_comments(theme), *(f"{k} = {v}" for k, v in keys)])


def _part_section(theme: dict[str, Any], decision: Decision) -> str:
    keys = [
        ("name", _quoted(decision.name or theme["name"])),
        ("into", _quoted(decision.into)),
        ("drop", _truth(decision.drop)),
        ("pin", _truth(decision.pin)),
        *_note(decision),
    ]
    lines = [f"[theme.{theme['theme']}]", *_comments(theme), *(f"{k} = {v}" for k, v in keys)]
    return "\n".join(lines)


def _note(decision: Decision) -> list[tuple[str, str]]:
    return [("note", _quoted(decision.note))] if decision.note else []


def _comments(theme: dict[str, Any]) -> list[str]:
    if "size" not in theme:
        return ["# " + _("a part that was split off; its size is known once the page is followed")]
    show = formats(language())
    size = ngettext("{n} appeal", "{n} appeals", theme["size"]).format(n=show.number(theme["size"]))
    facts = [size, show.share(theme["share"])]
    facts += [_("new")] if theme["is_new"] else []
    facts += [_("says nothing")] if theme["says_nothing"] else []
    lines = ["# " + ", ".join(facts)]
    for quotation in theme["quotations"][:QUOTED]:
        text = " ".join(quotation["text"].split())
        short = textwrap.shorten(text, LONGEST, placeholder=" …")
        lines.append(f"# {quotation['appeal_id']}  {_printable(short)}")
    return lines


def _printable(text: str) -> str:
    """Control characters may not stand in a comment."""
    return "".join(c if c.isprintable() else " " for c in text)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _listed(texts: tuple[str, ...]) -> str:
    return "[" + ", ".join(map(_quoted, texts)) + "]"


def _truth(value: bool) -> str:
    return "true" if value else "false"
