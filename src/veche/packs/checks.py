"""What must hold between the files of a pack.

`references` finds what keeps a pack from loading; `quality` finds what makes it serve people worse.
Rules about one entry alone are applied where it is read.
"""

import json
from collections import defaultdict
from collections.abc import Mapping

from veche.core.i18n import _
from veche.packs import territories
from veche.packs.files import inside
from veche.packs.model import Pack, Text
from veche.packs.parts import Origins
from veche.packs.problems import Problems
from veche.packs.tree import leaves, path_of

#: Sentences that a topic without subtopics should have in the pack's first language and in the others.
EXAMPLES_FIRST, EXAMPLES_OTHER = 8, 4


def references(pack: Pack, origins: Origins, problems: Problems) -> None:
    """Note codes that point to nothing and trees that bite their own tail."""
    _tree(pack, origins, problems, part="topic", parents={c: t.parent for c, t in pack.topics.items()})
    _tree(pack, origins, problems, part="body", parents={c: b.parent for c, b in pack.bodies.items()})
    _tree(
        pack, origins, problems, part="territory", parents={c: t.parent for c, t in pack.territories.items()}
    )
    for code, topic in pack.topics.items():
        for neighbour, _means in topic.not_:
            if neighbour not in pack.topics:
                _dangling(pack, origins, problems, part="topic", code=code, target=neighbour)
    for code, body in pack.bodies.items():
        for target in body.topics:
            if target not in pack.topics:
                _dangling(pack, origins, problems, part="body", code=code, target=target)
        if body.territory and body.territory not in pack.territories:
            _dangling(pack, origins, problems, part="body", code=code, target=body.territory)
    for code in pack.shapes_missing:
        if code not in pack.territories:
            problems.add(
                "pack.toml",
                1,
                _("“{code}” under “shapes_missing” does not exist.").format(code=code),
                _("Correct the code, or take it out."),
            )


def quality(pack: Pack, origins: Origins, problems: Problems) -> None:
    """Note gaps: topics without a body, missing translations and examples, clashing keywords, lost shapes."""
    _answered(pack, origins, problems)
    _translated(pack, origins, problems)
    _examples(pack, origins, problems)
    _keywords(pack, origins, problems)
    _parts_there(pack, problems)
    if pack.shapes:
        _shapes(pack, problems)


def _where(pack: Pack, origins: Origins, part: str, code: str) -> tuple[str, int]:
    if part == "territory":
        return territories.FILE, territories.line_of(pack.path, code) if (
            pack.path / territories.FILE
        ).exists() else 1
    return origins.get((part, code), ("pack.toml", 1))


def _dangling(pack: Pack, origins: Origins, problems: Problems, *, part: str, code: str, target: str) -> None:
    problems.add(
        *_where(pack, origins, part, code),
        _("“{code}” points to “{target}”, which does not exist.").format(code=code, target=target),
        _("Correct the code, or add what it points to."),
    )


def _tree(pack: Pack, origins: Origins, problems: Problems, *, part: str, parents: Mapping[str, str]) -> None:
    safe: set[str] = set()
    for code, parent in parents.items():
        if parent and parent not in parents:
            _dangling(pack, origins, problems, part=part, code=code, target=parent)
        path: list[str] = []
        at = code
        while at and at not in safe and at not in path:
            path.append(at)
            at = parents.get(at, "")
        if at in path:
            problems.add(
                *_where(pack, origins, part, code),
                _("“{code}” is its own ancestor: {path}.").format(code=code, path=" > ".join([*path, at])),
                _("Change the parent of one of them."),
            )
        safe.update(path)


def _answered(pack: Pack, origins: Origins, problems: Problems) -> None:
    answered = {topic for body in pack.bodies.values() for topic in body.topics}
    for code in leaves(pack.topics):
        if answered.isdisjoint(path_of(code, pack.topics)):
            problems.add(
                *_where(pack, origins, "topic", code),
                _("No body answers for “{code}”.").format(code=code),
                _("Add it to the topics of a body in bodies.toml."),
                serious=False,
            )


def _translated(pack: Pack, origins: Origins, problems: Problems) -> None:
    titled: list[tuple[str, str, Text]] = [
        *(("topic", code, topic.title) for code, topic in pack.topics.items()),
        *(("body", code, body.title) for code, body in pack.bodies.items()),
        *(("recogniser", r.type, r.label) for r in pack.recognisers),
        *(("territory", code, territory.title) for code, territory in pack.territories.items()),
    ]
    for part, code, title in titled:
        missing = [tag for tag in pack.languages if tag not in title]
        if missing:
            problems.add(
                *_where(pack, origins, part, code),
                _("“{code}” has no title in: {languages}.").format(code=code, languages=", ".join(missing)),
                _("Add it, or take the language out of “languages” in pack.toml."),
                serious=False,
            )


def _examples(pack: Pack, origins: Origins, problems: Problems) -> None:
    for code in leaves(pack.topics):
        examples = pack.topics[code].examples
        for i, tag in enumerate(pack.languages):
            wanted = EXAMPLES_OTHER if i else EXAMPLES_FIRST
            n = len(examples.get(tag, ()))
            if n < wanted:
                problems.add(
                    *_where(pack, origins, "topic", code),
                    _("“{code}” has {n} examples in “{language}”; {wanted} are needed.").format(
                        code=code, n=n, language=tag, wanted=wanted
                    ),
                    _("Write sentences as people would: angry, tired, formal, short."),
                    serious=False,
                )


def _keywords(pack: Pack, origins: Origins, problems: Problems) -> None:
    holders: dict[tuple[str, str], list[str]] = defaultdict(list)
    for code, topic in pack.topics.items():
        for tag, words in topic.keywords.items():
            for word in words:
                holders[tag, word].append(code)
    for (tag, word), codes in holders.items():
        strangers = [c for c in codes if not any(c != d and c in path_of(d, pack.topics) for d in codes)]
        if len(strangers) > 1:
            problems.add(
                *_where(pack, origins, "topic", strangers[1]),
                _("The keyword “{word}” ({language}) stands in {n} topics: {codes}.").format(
                    word=word, language=tag, n=len(strangers), codes=", ".join(strangers)
                ),
                _("Leave it where it is surest, or make it longer in each."),
                serious=False,
            )


def _parts_there(pack: Pack, problems: Problems) -> None:
    parts = {
        "topics/*.toml": pack.topics,
        "bodies.toml": pack.bodies,
        "territories.csv": pack.territories,
        "kinds.toml": pack.kinds,
        "urgency.toml": pack.urgencies,
        "groups.toml": pack.groups,
        "masks.toml": pack.recognisers,
    }
    for name, part in parts.items():
        if not part:
            problems.add(
                name.replace("*", "…"),
                1,
                _("The pack has no {part}.").format(part=name),
                _("Without it the stage that needs it decides nothing; add the file."),
                serious=False,
            )


def _shapes(pack: Pack, problems: Problems) -> None:
    assert pack.shapes is not None
    name = pack.shapes.name
    try:
        features = json.loads(inside(pack.shapes.parent, pack.shapes).read_bytes())["features"]
        codes = [feature["properties"]["code"] for feature in features]
    except (ValueError, KeyError, TypeError):
        problems.add(
            name,
            1,
            _("This is not GeoJSON with a “code” for each feature."),
            _("Give each feature the code of its territory under “properties”."),
        )
        return
    for code in sorted(set(codes) - set(pack.territories)):
        problems.add(
            name,
            1,
            _("The shape “{code}” joins no territory.").format(code=code),
            _("Correct its code, or take it out."),
            serious=False,
        )
    levels = {pack.territories[c].level for c in codes if c in pack.territories}
    drawn = {*codes, *pack.shapes_missing}
    for code, territory in pack.territories.items():
        if territory.level in levels and code not in drawn:
            problems.add(
                territories.FILE,
                _where(pack, {}, "territory", code)[1],
                _("“{code}” has no shape.").format(code=code),
                _("Add the shape, or name the code under “shapes_missing” in pack.toml."),
                serious=False,
            )
