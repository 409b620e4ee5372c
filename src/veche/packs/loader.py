"""Loads a pack from its folder: all of it, or nothing and an error that names file and line.

Built-in packs travel in the wheel (`veche/_packs`) and lie in `/packs` of a checkout. A pack that
extends another holds the parent's parts first; its own parts override them by code.
"""

import dataclasses
import zoneinfo
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from veche.core.errors import BrokenPack, UnknownPack
from veche.core.i18n import _
from veche.packs import checks, territories
from veche.packs.files import TomlFile, inside
from veche.packs.model import Pack, Source
from veche.packs.parts import Origins, Parts
from veche.packs.problems import Problem, Problems
from veche.packs.rules import read
from veche.packs.rules.facts import BUILT_IN
from veche.packs.rules.model import Fact
from veche.packs.tables import TAG, Table, table_list

_PACKAGE = Path(__file__).resolve().parent.parent
_HOMES = (_PACKAGE / "_packs", _PACKAGE.parent.parent / "packs")


def available_packs() -> dict[str, Path]:
    """Return the built-in packs: folder by code, sorted by code."""
    home = next((h for h in _HOMES if h.is_dir()), None)
    folders = sorted(home.iterdir()) if home else []
    return {f.name: f for f in folders if (f / "pack.toml").is_file()}


def find_pack(name: str) -> Path:
    """Return the folder of the built-in pack `name`, else of the pack at that path.

    Raises:
        UnknownPack: there is neither.
    """
    built_in = available_packs()
    if name in built_in:
        return built_in[name]
    folder = Path(name)
    if (folder / "pack.toml").is_file():
        return folder
    raise UnknownPack(pack=name, known=", ".join(built_in))


def load_pack(name: str) -> Pack:
    """Return the pack of that name, or the one in the folder at that path.

    Raises:
        UnknownPack: there is no such pack or folder.
        BrokenPack: something in it is wrong; file, line and what to do are named.
        OversizedPack, UnsafePack: a file is too large or lies outside the pack's folder.
    """
    folder = find_pack(name)
    problems = Problems()
    pack, origins = _read(folder, problems, above=())
    if not problems.first_serious():
        checks.references(pack, origins, problems)
    worst = problems.first_serious()
    if worst:
        raise _broken(pack.code or folder.name, worst)
    return pack


def check(path: str, *, today: date | None = None) -> list[Problem]:
    """Return everything that is wrong with the pack of that name or path, the serious things first.

    What is over by `today` (by default the day of this machine) is wrong as well.

    Raises:
        UnknownPack, OversizedPack, UnsafePack: as `load_pack`.
    """
    folder = find_pack(path)
    problems = Problems()
    pack, origins = _read(folder, problems, above=())
    checks.references(pack, origins, problems)
    checks.quality(pack, origins, problems, today=today or date.today())
    return sorted(dict.fromkeys(problems.found), key=lambda p: (not p.serious, p.file, p.line, p.message))


def _broken(pack: str, worst: Problem) -> BrokenPack:
    return BrokenPack(pack=pack, file=worst.file, line=worst.line, problem=worst.message, advice=worst.hint)


def _read(folder: Path, problems: Problems, *, above: tuple[Path, ...]) -> tuple[Pack, Origins]:
    file = TomlFile(folder, folder / "pack.toml", problems)
    pack, extends = _head(folder, file)
    parent, parent_origins = None, {}
    if extends:
        parent, parent_origins = _parent(pack, extends, file, above=(*above, folder.resolve()))
    parts = Parts(folder, languages=pack.languages, problems=problems)
    pack = _with_rules(_with_parts(pack, parts), parts, parent.facts if parent else {})
    return (_merged(parent, pack), parent_origins | parts.origins) if parent else (pack, parts.origins)


def _with_parts(pack: Pack, parts: Parts) -> Pack:
    shapes = parts.folder / "shapes.geojson"
    return dataclasses.replace(
        pack,
        topics=parts.topics(),
        bodies=parts.bodies(),
        territories=territories.read(parts.folder, parts.problems, origins=parts.origins),
        kinds=tuple(parts.kinds().values()),
        urgencies=tuple(parts.urgencies().values()),
        groups=tuple(parts.groups().values()),
        recognisers=tuple(parts.recognisers().values()),
        negations=parts.negations(),
        name_lists=parts.name_lists(),
        shapes=inside(parts.folder, shapes) if shapes.is_file() else None,
    )


def _with_rules(pack: Pack, parts: Parts, inherited: Mapping[str, Fact]) -> Pack:
    own = read.facts(parts)
    known = {**BUILT_IN, **inherited, **own}
    return dataclasses.replace(
        pack,
        facts=own,
        calendar=read.calendar(parts),
        clocks=read.clocks(parts, known),
        protocols=read.protocols(parts, known),
        measures=read.measures(parts, known),
    )


def _head(folder: Path, file: TomlFile) -> tuple[Pack, str]:
    languages = file.data.get("languages")
    tags = tuple(t for t in languages if isinstance(t, str)) if isinstance(languages, list) else ()
    head = Table(file, file.data, line=0, languages=tags)
    head.strings("languages", required=True)
    if not tags or not all(TAG.fullmatch(t) for t in tags):
        head.problem(
            "languages",
            _("“languages” must name at least one language by its tag."),
            _("Write it like this: {key} = {example}").format(key="languages", example='["ru", "en"]'),
        )
    extends = head.code("extends", default="")
    pack = Pack(
        code=head.code(),
        version=head.string("version", example='"2026.1"'),
        title=head.text("title", required=True),
        languages=tags,
        timezone=_timezone(head),
        path=folder,
        topics={},
        bodies={},
        territories={},
        kinds=(),
        urgencies=(),
        groups=(),
        recognisers=(),
        negations={},
        name_lists={},
        shapes_missing=head.strings("shapes_missing"),
        emergency=head.string("emergency", default=""),
        licence=head.string("licence", example='"Apache-2.0"'),
        sources=_sources(file, head, tags),
    )
    head.tables("source")
    head.close()
    return pack, extends


def _timezone(head: Table) -> str:
    name = head.string("timezone", example='"Europe/Moscow"')
    try:
        if name:
            zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        head.problem(
            "timezone",
            _("There is no time zone “{name}”.").format(name=name),
            _("Write it like this: {key} = {example}").format(key="timezone", example='"Europe/Moscow"'),
        )
        return ""
    return name


def _sources(file: TomlFile, head: Table, languages: tuple[str, ...]) -> tuple[Source, ...]:
    found = []
    for table in table_list(file, "source", languages=languages, others=tuple(head.data)):
        source = Source(
            table.string("file"),
            table.text("title", required=True),
            table.string("licence"),
            table.string("url"),
            covers=table.strings("covers"),
            as_of=table.string("as_of", default="", example='"2024"'),
        )
        table.close()
        if not (
            file_path := head.file.folder / source.file
        ).is_file() or not file_path.resolve().is_relative_to(head.file.folder.resolve()):
            table.problem(
                "file",
                _("There is no file “{file}” in the pack.").format(file=source.file),
                _("Correct the name, or take the source out."),
            )
        found.append(source)
    return tuple(found)


def _parent(
    pack: Pack, extends: str, file: TomlFile, *, above: tuple[Path, ...]
) -> tuple[Pack | None, Origins]:
    near = {f"{up}{extends}": pack.path.resolve() / up / extends for up in ("../", "../../")}
    way = next((way for way, folder in near.items() if (folder / "pack.toml").is_file()), "")
    folder = near.get(way) or available_packs().get(extends)
    reason = ""
    if folder is None:
        reason = _("There is no pack “{name}” to extend.").format(name=extends)
    elif folder.resolve() in above:
        reason = _("The packs extend each other in a circle.")
    if folder is None or reason:
        file.problem(
            file.line_of_key("extends"),
            reason,
            _("Name a built-in pack, or one in a folder beside this one or one above it."),
        )
        return None, {}
    inner = Problems()
    parent, origins = _read(folder, inner, above=above)
    for problem in inner.found:
        name = f"{way or extends}/{problem.file}"
        file.problems.found.append(dataclasses.replace(problem, file=name))
    return parent, {key: (f"{way or extends}/{name}", line) for key, (name, line) in origins.items()}


def _merged(parent: Pack, child: Pack) -> Pack:
    return dataclasses.replace(
        child,
        extends=(parent.code, *parent.extends),
        topics={**parent.topics, **child.topics},
        bodies={**parent.bodies, **child.bodies},
        territories={**parent.territories, **child.territories},
        kinds=_by_key(parent.kinds, child.kinds, "value"),
        urgencies=_by_key(parent.urgencies, child.urgencies, "value"),
        groups=_by_key(parent.groups, child.groups, "family", "value"),
        recognisers=_by_key(parent.recognisers, child.recognisers, "type"),
        negations={**parent.negations, **child.negations},
        name_lists={**parent.name_lists, **child.name_lists},
        shapes=child.shapes or parent.shapes,
        facts={**parent.facts, **child.facts},
        calendar=child.calendar or parent.calendar,
        clocks={**parent.clocks, **child.clocks},
        protocols={**parent.protocols, **child.protocols},
        measures={**parent.measures, **child.measures},
        shapes_missing=tuple(dict.fromkeys((*parent.shapes_missing, *child.shapes_missing))),
    )


def _by_key(parent: tuple, child: tuple, *keys: str) -> tuple:
    merged = {tuple(getattr(item, k) for k in keys): item for item in (*parent, *child)}
    return tuple(merged.values())
