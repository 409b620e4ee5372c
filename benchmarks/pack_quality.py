"""Measures what a pack makes of appeals that nobody labelled for it, facet by facet.

    .venv/bin/python benchmarks/pack_quality.py [PACK...] [--n N]
    VECHE_DATA=... .venv/bin/python benchmarks/pack_quality.py boston --n 20000

Sample appeals know their truth, but pack and sample were written by the same house: the figures show what
a change mends or breaks, and say nothing about the accuracy on people's own appeals. With VECHE_DATA the
real service requests of the City of Boston are measured too (development data).
"""

import argparse
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as csv
import pyarrow.parquet as pq
from measure import data_folder, print_table, write_results
from sklearn.metrics import f1_score

from veche.packs import load_pack
from veche.packs.competence import Competence
from veche.packs.model import Pack
from veche.packs.sample import write_sample

VECHE = Path(sys.executable).parent / "veche"
SEED = 7

#: What must be reached: figure by name, with the side of it that is good.
LIMITS = {
    "urgency: recall of threats to life": (0.99, "at least"),
    "masks: recall": (0.98, "at least"),
    "masks: false in 1,000 words": (2.0, "at most"),
    "repeats: pairwise F1": (0.98, "at least"),
}

#: The five service types of the Boston data by topic of the pack; the others are "Other".
BOSTON_TYPES = {
    "parking.illegal": "Illegal Parking",
    "parking.abandoned": "Abandoned Vehicle",
    "streets.unshoveled": "Sidewalk Not Shoveled",
    "homes.unsafe": "Unsafe Dangerous Conditions",
}

#: Roles of sample appeals that say one phrase and little else.
ONE_PHRASE = {"thanks", "proposal", "spam", "abuse", "off_topic", "false_alarm", "other_language"}

Rows = list[dict[str, Any]]
Figures = list[dict[str, Any]]


def main() -> None:
    """Measure the packs named, or both."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("packs", nargs="*", default=["ru", "boston"])
    parser.add_argument("--n", type=int, default=20_000, help="sample appeals of each pack")
    options = parser.parse_args()
    results: dict[str, Any] = {}
    for code in options.packs:
        with tempfile.TemporaryDirectory() as folder:
            results[f"{code}: {options.n} sample appeals"] = _sample(code, options.n, folder=Path(folder))
    if "boston" in options.packs:
        with tempfile.TemporaryDirectory() as folder:
            results["Boston development data"] = _boston(Path(folder))
    for name, figures in results.items():
        print(f"\n{name}")
        print_table(figures)
    write_results("pack_quality", results)


def _sample(code: str, n: int, *, folder: Path) -> Figures:
    pack = load_pack(code)
    appeals, truth = folder / "appeals.jsonl", folder / "truth.parquet"
    write_sample(pack, n=n, seed=SEED, out=appeals, truth=truth)
    found = _found(appeals, pack=code, folder=folder)
    told = pq.read_table(truth).to_pylist()
    rows = [{**truth_of, "found": row} for truth_of, row in zip(told, found, strict=True)]
    return [
        *_topics(rows),
        *_places(rows, pack),
        *_bodies(rows, pack),
        *_plain(rows),
        *_urgency(rows),
        *_masks(rows),
        *_groups(rows),
        *_repeats(rows),
    ]


def _found(appeals: Path, *, pack: str, folder: Path) -> Rows:
    """Run the pack over the appeals; return one row each in their order, with all its topics and groups."""
    out = folder / "out"
    command = [VECHE, "run", appeals, "--pack", pack, "--out", out, "--seed", str(SEED)]
    subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL)
    rows = {
        row["appeal_id"]: row for row in pq.read_table(out / "appeals").drop_columns(["kept"]).to_pylist()
    }
    for row in rows.values():
        row |= {"topics": [], "groups": []}
    findings = pq.read_table(out / "findings", columns=["appeal_id", "matter", "facet", "rank", "value"])
    wanted = pc.is_in(findings["facet"], pa.array(["topic", "group"]))
    chosen = findings.filter(pc.and_(wanted, pc.equal(findings["matter"], 0))).sort_by("rank")
    for finding in chosen.to_pylist():
        rows[finding["appeal_id"]][finding["facet"] + "s"].append(finding["value"])
    return sorted(rows.values(), key=lambda row: row["row"])


def _figure(name: str, value: float, n: int | None = None) -> dict[str, Any]:
    limit, side = LIMITS.get(name.split(" of ")[0] if name.startswith("masks: recall") else name, ("", ""))
    return {
        "figure": name,
        "value": float(value),
        "of": n if n is not None else "",
        "asked": f"{side} {limit}",
    }


def _share(name: str, right: Iterable[bool]) -> dict[str, Any]:
    marks = list(right)
    return _figure(name, sum(marks) / max(len(marks), 1), len(marks))


def _topics(rows: Rows) -> Figures:
    told = [r for r in rows if r["topic"]]
    top = [r["found"]["topics"][:3] for r in told]
    firsts = [t[0] if t else "" for t in top]
    return [
        _share("topic: first is right", (f in r["topics"] for f, r in zip(firsts, told, strict=True))),
        _share(
            "topic: one of three is right",
            (not set(t).isdisjoint(r["topics"]) for t, r in zip(top, told, strict=True)),
        ),
        _share(
            "topic: group of the first is right",
            (_above(f, 2) in {_above(t, 2) for t in r["topics"]} for f, r in zip(firsts, told, strict=True)),
        ),
        _share(
            "topic: section of the first is right",
            (_above(f, 1) in {_above(t, 1) for t in r["topics"]} for f, r in zip(firsts, told, strict=True)),
        ),
        _share(
            "topic: none is said where there is none",
            (not r["found"]["topic"] for r in rows if not r["topic"]),
        ),
    ]


def _above(code: str, depth: int) -> str:
    return ".".join(code.split(".")[:depth])


def _places(rows: Rows, pack: Pack) -> Figures:
    told = [r for r in rows if r["place"]]
    shared = _shared_names(pack)
    return [
        _share("place: right", (r["found"]["place"] == r["place"] for r in told)),
        _share("place: right, named in the text", (_same_place(r) for r in told if r["place_in_text"])),
        _share("place: right, name borne by several", (_same_place(r) for r in told if r["place"] in shared)),
    ]


def _same_place(row: dict[str, Any]) -> bool:
    return row["found"]["place"] == row["place"]


def _shared_names(pack: Pack) -> set[str]:
    """Return the territories that bear a name which another one of the pack bears too."""
    territories = pack.territories
    titles = Counter(next(iter(t.title.values())) for t in territories.values())
    return {c for c, t in territories.items() if titles[next(iter(t.title.values()))] > 1}


def _bodies(rows: Rows, pack: Pack) -> Figures:
    rules = Competence(pack)
    told = [r for r in rows if r["body"]]
    given = [
        rules.candidates(r["topic"], place=r["place"] or "", day=r["found"]["received_at"].date())
        for r in told
    ]
    firsts = [found[0].value if found else "" for found in given]
    return [
        _share(
            "body: right, given topic and place", (f == r["body"] for f, r in zip(firsts, told, strict=True))
        ),
        _share(
            "body: kind is right, from the text alone",
            (_kind(r["found"]["body"]) == _kind(r["body"]) for r in told),
        ),
        _share("body: right, from the text alone", (r["found"]["body"] == r["body"] for r in told)),
        _share(
            "body: right, from the text alone, where its topic is",
            (r["found"]["body"] == r["body"] for r in told if r["found"]["topic"] == r["topic"]),
        ),
    ]


def _kind(body: str | None) -> str:
    return (body or "").partition("@")[0]


def _plain(rows: Rows) -> Figures:
    return [
        _share(f"{facet}: right", (r["found"][facet] == r[facet] for r in rows if r[facet]))
        for facet in ("language", "kind")
    ]


def _urgency(rows: Rows) -> Figures:
    told = [r for r in rows if r["urgency"]]
    figures = []
    for value, name in (("life", "threats to life"), ("deadline", "deadlines")):
        true = [r["urgency"] == value for r in told]
        said = [r["found"]["urgency"] == value for r in told]
        both = [t and s for t, s in zip(true, said, strict=True)]
        figures += [
            _figure(f"urgency: recall of {name}", sum(both) / max(sum(true), 1), sum(true)),
            _figure(f"urgency: precision of {name}", sum(both) / max(sum(said), 1), sum(said)),
        ]
    return figures


def _masks(rows: Rows) -> Figures:
    planted: Counter[str] = Counter()
    covered: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    words = 0
    for row in rows:
        found = row["found"]["masks"] or []
        words += len((row["found"]["masked_text"] or "").split())
        for span in row["spans"] or []:
            planted[span["type"]] += 1
            covered[span["type"]] += any(
                m["start"] <= span["start"] and span["end"] <= m["end"] for m in found
            )
        wrong.update(m["type"] for m in found if not _meets(m, row["spans"] or []))
    n_wrong = sum(wrong.values())
    worst = ", ".join(f"{name} {n}" for name, n in wrong.most_common(3))
    print(f"masked without need: {worst or 'none'}", file=sys.stderr)
    return [
        *(_figure(f"masks: recall of {t}", covered[t] / n, n) for t, n in sorted(planted.items())),
        _figure("masks: false in 1,000 words", 1000 * n_wrong / max(words, 1), words),
    ]


def _meets(mask: dict[str, Any], spans: Sequence[dict[str, Any]]) -> bool:
    return any(mask["start"] < s["end"] and s["start"] < mask["end"] for s in spans)


def _groups(rows: Rows) -> Figures:
    """Groups of the families that the truth knows; it keeps no sex, which grammar often gives away."""
    true = {(i, g) for i, r in enumerate(rows) for g in r["group"] or []}
    families = {g.partition(":")[0] for _, g in true}
    said = {
        (i, g) for i, r in enumerate(rows) for g in r["found"]["groups"] if g.partition(":")[0] in families
    }
    both = len(true & said)
    return [
        _figure("group: precision", both / max(len(said), 1), len(said)),
        _figure("group: recall", both / max(len(true), 1), len(true)),
    ]


def _repeats(rows: Rows) -> Figures:
    """Pairs of copies: an appeal belongs to the first of its copies, and to its group of repeats.

    Appeals of one short phrase (thanks, advertising, abuse ...) are left out: the same phrase with another
    number in it is a copy to any reader, and nobody planted it.
    """
    rows = [r for r in rows if r["role"] not in ONE_PHRASE]
    true = [r["copy_of"] or r["id"] for r in rows]
    said = [r["found"]["repeat"] or r["id"] for r in rows]
    both = _pairs(list(zip(true, said, strict=True)))
    precision, recall = both / max(_pairs(said), 1), both / max(_pairs(true), 1)
    return [
        _figure("repeats: pairwise precision", precision, _pairs(said)),
        _figure("repeats: pairwise recall", recall, _pairs(true)),
        _figure("repeats: pairwise F1", 2 * precision * recall / max(precision + recall, 1e-9)),
    ]


def _pairs(labels: Sequence[Hashable]) -> int:
    return sum(n * (n - 1) // 2 for n in Counter(labels).values())


def _boston(folder: Path) -> Figures:
    table = csv.read_csv(data_folder() / "boston311" / "requests_dev.csv.gz")
    table = table.filter(pc.greater(pc.utf8_length(pc.utf8_trim_whitespace(table["description"])), 0))
    texts = folder / "texts.csv"
    csv.write_csv(table.select(["description"]), texts)
    found = _found(texts, pack="boston", folder=folder)
    pack = load_pack("boston")
    names = {t.title["en"]: code for code, t in pack.territories.items() if code != "boston"}
    rows = [{**r, "found": f} for r, f in zip(table.to_pylist(), found, strict=True)]
    types = [r["service_name"] for r in rows]
    said = [BOSTON_TYPES.get(r["found"]["topic"], "Other") for r in rows]
    placed = [r for r in rows if r["neighborhood"] in names and r["found"]["place"] not in (None, "boston")]
    known = [r for r in rows if r["neighborhood"] in names]
    right = np.array([r["found"]["place"] == names[r["neighborhood"]] for r in placed])
    return [
        _figure("service type: weighted F1", float(f1_score(types, said, average="weighted")), len(rows)),
        _figure("neighbourhood from text: precision", float(right.mean()), len(placed)),
        _figure("neighbourhood from text: named at all", len(placed) / len(known), len(known)),
    ]


if __name__ == "__main__":
    main()
