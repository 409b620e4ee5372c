"""From what was discovered to what is shown: codes, names, counts and quotations of every theme."""

from collections import Counter as Tally
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa

from veche.core.i18n import _
from veche.packs.model import Pack
from veche.themes import digests, facts, naming, voices
from veche.themes.discovery import RARE, Discovery
from veche.themes.material import Material
from veche.themes.naming import Name
from veche.themes.positions import find_positions
from veche.themes.result import ASSIGNMENTS, THEMES, Themes
from veche.themes.run_digest import Codes, people_behind, run_digest

#: Ids listed for each theme in themes.parquet.
SAMPLES = 20

RARE_CODE = "rare"

#: Stands where the language is too short to tell.
_UNDETERMINED = ("", "und")


def assemble(material: Material, discovery: Discovery, pack: Pack) -> Themes:
    """Return names, counts and quotations of what `discovery` found, with every appeal's place."""
    codes = [f"t{number + 1:03d}" for number in range(discovery.n_themes)]
    units = _units_of(discovery)
    stands = find_positions(material, discovery, units, people_behind(material, discovery))
    quoted = digests.quotations(material, discovery, units, stands, timezone=pack.timezone)
    named, sub_named = _names(material, discovery, units, pack)
    counter = facts.Counter(material, timezone=pack.timezone)
    rows: list[dict[str, Any]] = []
    entries = []
    taken = {name.name for name in named}
    for number, appeals in enumerate(facts.members(discovery)):
        counted = counter.facts(appeals)
        whole, parts = quoted[number].whole, quoted[number].subthemes
        if discovery.says_nothing[number]:
            name = Name(_most_frequent_text(material, appeals) or _("No answer"), [])
        else:
            name = _or_quoted(_or_topic(named[number], counted.topic, pack, taken), whole)
        taken.add(name.name)
        row = _row(codes[number], None, name, counted, _ids(material, discovery, appeals), counter.unit)
        rows.append({**row, "says_nothing": bool(discovery.says_nothing[number])})
        subs = []
        for sub in range(int(discovery.subtheme[appeals].max(initial=-1)) + 1):
            inside = appeals[discovery.subtheme[appeals] == sub]
            code = f"{codes[number]}.{sub + 1:02d}"
            own, said = counter.facts(inside), parts.get(sub, [])
            sub_name = _or_quoted(sub_named.get((number, sub), Name("", [])), said)
            subs.append(digests.subtheme(code, sub_name, own, said))
            row = _row(code, codes[number], sub_name, own, _ids(material, discovery, inside), counter.unit)
            rows.append({**row, "says_nothing": False})
        entries.append(
            digests.digest(
                codes[number], name, counted, says_nothing=bool(discovery.says_nothing[number]),
                quoted=quoted[number], subthemes=subs, positions=stands.themes.get(number),
            )
        )  # fmt: skip
    rare = int((discovery.theme == RARE).sum())
    return Themes(
        assignments=_assignments(material, discovery, codes),
        table=pa.Table.from_pylist(rows, THEMES),
        digests=digests.file(entries, appeals=len(material), rare=rare, trend_unit=counter.unit),
        digest=run_digest(material, discovery, _codes(discovery, codes, pack), stands),
    )


def _codes(discovery: Discovery, codes: list[str], pack: Pack) -> Codes:
    most = int(discovery.subtheme.max(initial=-1)) + 1
    subthemes = {(at, sub): f"{code}.{sub + 1:02d}" for at, code in enumerate(codes) for sub in range(most)}
    parents = {code: node.parent for code, node in pack.territories.items() if node.parent}
    return Codes(codes, subthemes, parents)


def _units_of(discovery: Discovery) -> list[np.ndarray]:
    order = np.argsort(discovery.unit_theme, kind="stable")
    cuts = np.searchsorted(discovery.unit_theme[order], np.arange(discovery.n_themes + 1))
    return [order[a:b] for a, b in pairwise(cuts)]


def _names(
    material: Material, discovery: Discovery, units: list[np.ndarray], pack: Pack
) -> tuple[list[Name], dict[tuple[int, int], Name]]:
    """Names of themes by number, and of subthemes by numbers of theme and subtheme."""
    read = voices.for_names(material, discovery, units)
    samples = [_samples(v, np.arange(len(v.units)), discovery, pack) for v in read]
    parents, keys = [-1] * len(samples), []
    for number, voice in enumerate(read):
        group = discovery.unit_subtheme[voice.units]
        for sub in range(int(group.max(initial=-1)) + 1):
            samples.append(_samples(voice, np.flatnonzero(group == sub), discovery, pack))
            parents.append(number)
            keys.append((number, sub))
    named = naming.names(samples, parents)
    return named[: len(read)], dict(zip(keys, named[len(read) :], strict=True))


def _samples(voice: voices.Voices, chosen: np.ndarray, discovery: Discovery, pack: Pack) -> naming.Samples:
    """The chosen texts that are in the language most of them are in, the most central first."""
    tally = Tally(tag for i in chosen if (tag := voice.languages[i]) not in _UNDETERMINED)
    main = min(tally, key=lambda tag: (-tally[tag], tag)) if tally else pack.languages[0]
    central = voice.central(discovery, chosen)
    texts = [voice.texts[i] for i in central if voice.languages[i] in (main, *_UNDETERMINED)]
    return naming.Samples(texts, main)


def _or_topic(name: Name, topic: str | None, pack: Pack, taken: set[str]) -> Name:
    """Return `name`, or the title of the topic that a theme without a phrase of its own lies under."""
    if name.name or topic is None or topic not in pack.topics:
        return name
    titles = pack.topics[topic].title
    title = next((titles[tag] for tag in pack.languages if titles.get(tag)), "")
    return Name("" if title in taken else title, name.keywords)


def _or_quoted(name: Name, quoted: Sequence[digests.Quotation]) -> Name:
    if name.name:
        return name
    if quoted:
        return Name(naming.name_from(quoted[0]["text"]), name.keywords)
    return Name(", ".join(name.keywords[:3]) or _("Without a name"), name.keywords)


def _most_frequent_text(material: Material, appeals: np.ndarray) -> str:
    """The text that most of `appeals` have, without what ends it; "" if it has no letters."""
    found, counts = np.unique(material.unit[appeals], return_counts=True)
    order = np.lexsort((material.first[found], -counts))[:5]
    texts = material.texts(material.first[found[order]])
    plain = (text.strip().strip(".!?… ") for text in texts)
    return next((text for text in plain if any(c.isalpha() for c in text)), "")


def _ids(material: Material, discovery: Discovery, appeals: np.ndarray) -> list[str]:
    """The ids of the strongest members."""
    strongest = appeals[np.argsort(-discovery.strength[appeals], kind="stable")[:SAMPLES]]
    return material.appeal_ids.take(pa.array(strongest)).to_pylist()


def _row(
    code: str, parent: str | None, name: Name, counted: facts.ThemeFacts, ids: list[str], trend_unit: str
) -> dict[str, Any]:
    return {
        "theme": code,
        "parent": parent,
        "name": name.name,
        "keywords": name.keywords,
        "size": counted.size,
        "distinct": counted.distinct,
        "copies": counted.size - counted.distinct,
        "share": counted.share,
        "topic": counted.topic,
        "topic_share": counted.topic_share,
        "first_seen": counted.first_seen,
        "last_seen": counted.last_seen,
        "trend_unit": trend_unit,
        "trend": [{"date": day, "count": count} for day, count in counted.trend],
        "change": counted.change,
        "is_new": counted.is_new,
        "languages": [{"language": tag, "share": n / counted.size} for tag, n in counted.languages],
        "samples": ids,
    }


def _assignments(material: Material, discovery: Discovery, codes: list[str]) -> pa.Table:
    theme = pa.array([*codes, RARE_CODE]).take(pa.array(discovery.theme % (len(codes) + 1)))
    most = int(discovery.subtheme.max(initial=-1)) + 1
    listed = pa.array([f"{code}.{sub + 1:02d}" for code in codes for sub in range(most)], pa.string())
    at = discovery.theme.astype(np.int64) * most + discovery.subtheme
    subtheme = listed.take(pa.array(at, mask=discovery.subtheme < 0))
    ids = material.appeal_ids.combine_chunks()
    return pa.table([ids, theme, subtheme, pa.array(discovery.strength)], schema=ASSIGNMENTS)
