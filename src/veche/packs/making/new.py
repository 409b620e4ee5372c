"""Makes a small whole pack from answers: codes first, then files, then the same check that every pack passes.

The folder appears whole or not at all: the files are written beside it and moved there at the end.
"""

import csv
import dataclasses
import io
import os
import shutil
import tempfile
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from veche.core.errors import BrokenPack, UsageError
from veche.core.i18n import _
from veche.packs import forms, territories
from veche.packs.loader import check, load_pack
from veche.packs.making import write_parts
from veche.packs.making.answers import Answers, NewBody, NewClock, NewMeasure, NewProtocol, NewTopic, Place
from veche.packs.making.codes import code_of, unique
from veche.packs.making.toml_text import table
from veche.packs.model import Pack
from veche.packs.problems import Problem
from veche.packs.text import Text

#: Which days are worked; a pack that extends another may leave it out.
CALENDAR = "calendar.toml"

Coded = TypeVar("Coded", NewTopic, NewBody, NewClock, NewProtocol, NewMeasure, Place)


def make_pack(answers: Answers, folder: Path) -> list[Problem]:
    """Write the pack to `folder`, which must be new or empty, and return what is left to mend in it.

    Raises:
        UsageError: the folder holds something, or an answer names what the answers do not hold.
        BrokenPack: the answers make a pack that cannot be loaded; nothing is written.
    """
    refuse_full(folder)
    base = load_pack(answers.extends) if answers.extends else None
    answers = with_codes(answers, base=base)
    files = pack_files(answers)
    if base and base.calendar and base.calendar.country == answers.country:
        del files[CALENDAR]  # that of the extended pack knows the moved days too
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Beside the folder, because a pack that is extended may lie there too.
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        _write(files, draft, answers)
        problems = _own_problems(draft, answers)
        _move(draft, folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return problems


def refuse_full(folder: Path) -> None:
    """Raise UsageError where `folder` is a file or holds anything."""
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
        raise UsageError(problem=_("{path} holds something already; name a new folder.").format(path=folder))


def _write(files: dict[str, str], draft: Path, answers: Answers) -> None:
    for name, text in files.items():
        path = draft / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", newline="\n")
    if answers.words:
        _copy_names(load_pack(answers.words), draft, answers.languages)
    if "ru" in answers.languages:
        (draft / territories.FORMS).write_text(forms.build(draft), "utf-8", newline="\n")


def _own_problems(draft: Path, answers: Answers) -> list[Problem]:
    """Return what the check finds in the pack itself; what it finds in the extended one is not ours."""
    problems = check(str(draft))
    worst = next((p for p in problems if p.serious), None)
    if worst:
        raise BrokenPack(
            pack=answers.code, file=worst.file, line=worst.line, problem=worst.message, advice=worst.hint
        )
    return [problem for problem in problems if not problem.file.startswith("../")]


def _copy_names(pack: Pack, draft: Path, languages: Sequence[str]) -> None:
    """Copy lists of first names and the like, but for those that say they are of another language."""
    others = {tag for tag in pack.languages if tag not in languages}
    for path in sorted((pack.path / "names").glob("*.txt")):
        if path.stem.rpartition("_")[2] not in others:
            (draft / "names").mkdir(exist_ok=True)
            shutil.copyfile(path, draft / "names" / path.name)


def _move(draft: Path, folder: Path) -> None:
    draft.chmod(0o777 & ~_umask())
    if folder.is_dir():
        folder.rmdir()  # only an empty one goes
    draft.rename(folder)


def with_codes(answers: Answers, *, base: Pack | None) -> Answers:
    """Return the answers with a code for everything, free of the codes of `base`, the pack that is extended.

    Raises:
        UsageError: a topic, body or place is named that is not there.
    """
    bodies = _coded(answers.bodies, taken=base.bodies if base else ())
    topics = _with_paths(answers, base)
    places = base.territories if base else {}
    place = _placed(answers, places)
    known = base.bodies if base else ()
    return dataclasses.replace(
        answers,
        bodies=bodies,
        topics=tuple(
            dataclasses.replace(t, body=_resolved(t.body, bodies, known, _no_body())) for t in topics
        ),
        place=place,
        districts=_coded(answers.districts, taken=(*places, place.code), prefix=f"{place.code}-"),
        clock=_one(answers.clock, base.clocks if base else ()),
        protocol=_refer(_one(answers.protocol, base.protocols if base else ()), topics, bodies, base),
        measure=_refer(_one(answers.measure, base.measures if base else ()), topics, bodies, base),
    )


def _placed(answers: Answers, places: Collection[str]) -> Place:
    for code in filter(None, (answers.same_as, answers.inside)):
        if code not in places:
            raise UsageError(
                problem=_("There is no territory “{code}” in the extended pack.").format(code=code)
            )
    return dataclasses.replace(answers.place, code=answers.same_as or code_of(answers.code, taken=places))


def _with_paths(answers: Answers, base: Pack | None) -> tuple[NewTopic, ...]:
    """Return the topics with their whole codes: below the topic named, else in a section of the new pack."""
    taken: set[str] = {*base.topics} if base else set()
    found = []
    for topic in answers.topics:
        above = topic.under or (section(answers) if base else "")
        if topic.under and (base is None or topic.under not in base.topics):
            raise UsageError(
                problem=_("There is no topic “{code}” in the extended pack.").format(code=topic.under)
            )
        prefix = f"{above}." if above else ""
        last = topic.code.rpartition(".")[2] or code_of(_first(topic.title, answers), default="topic")
        short = unique(last, taken={code.removeprefix(prefix) for code in taken})
        found.append(dataclasses.replace(topic, code=prefix + short))
        taken.add(prefix + short)
    return tuple(found)


def section(answers: Answers) -> str:
    """Return the code of the section that the new topics of a pack stand in that extends another."""
    return code_of(answers.code)


def _first(title: Text, answers: Answers) -> str:
    return next((title[tag] for tag in ("en", *answers.languages) if title.get(tag)), "")


def _coded(items: Iterable[Coded], *, taken: Collection[str], prefix: str = "") -> tuple[Coded, ...]:
    seen, found = {*taken}, []
    for item in items:
        title = item.title.get("en") or next(iter(item.title.values()), "")
        short = {code.removeprefix(prefix) for code in seen}
        code = item.code or prefix + code_of(title, taken=short)
        seen.add(code)
        found.append(dataclasses.replace(item, code=code))
    return tuple(found)


def _one(item: Coded | None, taken: Collection[str]) -> Coded | None:
    return _coded([item], taken=taken)[0] if item else None


Referring = TypeVar("Referring", NewProtocol, NewMeasure)


def _refer(
    item: Referring | None, topics: Sequence[NewTopic], bodies: Sequence[NewBody], base: Pack | None
) -> Referring | None:
    if item is None:
        return None
    item = dataclasses.replace(
        item, topic=_resolved(item.topic, topics, base.topics if base else (), _no_topic())
    )
    if isinstance(item, NewMeasure):
        known = base.bodies if base else ()
        item = dataclasses.replace(item, body=_resolved(item.body, bodies, known, _no_body()))
    return item


def _resolved(name: str, items: Sequence[NewTopic | NewBody], known: Collection[str], message: str) -> str:
    """Return the code of the item that has this code, last part of a code, or title."""
    wanted = name.strip().casefold()
    for item in items:
        titles = {title.strip().casefold() for title in item.title.values()}
        if wanted in {item.code, item.code.rpartition(".")[2], *titles}:
            return item.code
    if name in known:
        return name
    raise UsageError(problem=message.format(name=name))


def _no_body() -> str:
    return _("No body is called “{name}”.")


def _no_topic() -> str:
    return _("No topic is called “{name}”.")


def pack_files(answers: Answers) -> dict[str, str]:
    """Return the texts of the pack's files by name; every code must be there (`with_codes`)."""
    files = {
        "pack.toml": _head(answers),
        f"topics/{section(answers)}.toml": write_parts.topics(answers, section(answers)),
        "bodies.toml": write_parts.bodies(answers),
        territories.FILE: _places(answers),
        CALENDAR: write_parts.calendar(answers),
    }
    if not answers.extends:
        files |= write_parts.words(answers, load_pack(answers.words) if answers.words else None)
    if answers.clock:
        files["clocks.toml"] = write_parts.clock(answers.clock)
    if answers.protocol:
        files[f"protocols/{answers.protocol.code}.md"] = write_parts.protocol(answers.protocol)
    if answers.measure:
        files |= write_parts.measure(answers.measure)
    return files


def _head(answers: Answers) -> str:
    return table(
        "",
        {
            "code": answers.code,
            "version": "1",
            "title": answers.title,
            "languages": answers.languages,
            "timezone": answers.timezone,
            "licence": answers.licence,
            "extends": answers.extends,
        },
    )


def _places(answers: Answers) -> str:
    """Return the table of territories: the place, unless the extended pack has it, and its districts."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    first, tags = answers.languages[0], answers.languages
    writer.writerow(["code", "parent", "level", *(f"title_{t}" for t in tags), f"names_{first}", "timezone"])
    if not answers.same_as:
        writer.writerow(_row(answers.place, answers.inside, "settlement", answers))
    for district in answers.districts:
        writer.writerow(_row(district, answers.place.code, "district", answers))
    return out.getvalue()


def _row(place: Place, parent: str, level: str, answers: Answers) -> list[str]:
    titles = [place.title.get(tag) or _first(place.title, answers) for tag in answers.languages]
    return [place.code, parent, level, *titles, "|".join(place.names), answers.timezone]


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
