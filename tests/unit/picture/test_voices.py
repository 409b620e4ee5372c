"""The report lets people speak: positions with their shares, what is new, whom the digest represents."""

import html
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from veche.core.shares import thresholds
from veche.picture import build_cube, write_report
from veche.themes.following.identity import CHANGES


class _Run(NamedTuple):
    out: Path
    pack: Any
    manifest: dict[str, Any]

    def page(self, language: str = "en") -> str:
        path = write_report(self.out, pack=self.pack, manifest=self.manifest, language=language)
        return html.unescape(path.read_text(encoding="utf-8"))


@pytest.fixture
def followed(tmp_path: Path, made: ModuleType, made_following: ModuleType) -> _Run:
    """A run with an earlier one before it, bursts and an audit."""
    pack = made.make_pack(tmp_path, language="en")
    out = tmp_path / "out"
    manifest = made.make_run(out, pack=pack, n=1200, language="en")
    made_following.add_following(out)
    build_cube(out, pack=pack)
    return _Run(out, pack, manifest)


def _section(page: str, name: str) -> str:
    start = page.index(f'<section id="{name}"')
    rest = page[start + 1 :]
    end = re.search("<section id=", rest)
    return rest[: end.start()] if end else rest


def _plain(text: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())


def test_positions_stand_apart_with_their_shares_in_words_and_percent(followed: _Run) -> None:
    themes = _plain(_section(followed.page(), "themes"))
    assert "Complaint most 62% Praise some 14% Neither about a quarter 24%" in themes


def test_a_voice_that_stands_with_its_side_is_not_repeated_below(followed: _Run) -> None:
    page = followed.page()
    digests = json.loads((followed.out / "digests.json").read_text(encoding="utf-8"))
    theme = next(t for t in digests["themes"] if t["theme"] == "t01")
    shown = page[page.index('id="theme-t01"') :].split("<li id=")[0]
    assert shown.count(theme["quotations"][1]["appeal_id"]) == 1


def test_few_words_that_were_not_measured_are_named(followed: _Run) -> None:
    path = followed.out / "audit.json"
    audit = json.loads(path.read_text(encoding="utf-8"))
    assert "are not measured" not in followed.page()
    audit["representation"]["k"] = 9
    path.write_text(json.dumps(audit), encoding="utf-8")
    assert "Quotations of a word or two are not measured; 9 remain." in followed.page()


def test_a_mixed_theme_gets_no_shares(followed: _Run) -> None:
    page = followed.page()
    start = page.index('<li id="theme-t02">')
    theme = page[start : page.index("</li>", start)]
    assert "Opinions differ here" in theme
    assert 'class="positions"' not in theme


def test_the_words_for_shares_are_explained_once(followed: _Run) -> None:
    page = followed.page()
    assert page.count("What the words for shares mean") == 1
    themes = _plain(_section(page, "themes"))
    for word, shares in thresholds():
        assert f"{word} {shares}" in themes


def test_what_is_new_names_the_new_themes_and_since_when(followed: _Run) -> None:
    new = _plain(_section(followed.page(), "new"))
    assert re.search(r"No heating after the holidays since \d+ Jan 2025", new)
    assert "No insulin at chemists since" in new
    assert "Waste is not collected since" not in new


def test_a_burst_is_told_in_plain_words(followed: _Run) -> None:
    digests = json.loads((followed.out / "digests.json").read_text(encoding="utf-8"))
    name = digests["themes"][0]["name"]
    new = _plain(_section(followed.page(), "new"))
    first = f"Since 3 Mar 2025: 3 times as many appeals as usual about “{name}”, Lakeland."
    assert f"{first} 61 appeals instead of about 20." in new
    assert "Of 10,000 alerts as clear as this, at most one is chance." in new
    assert "On 9 Mar 2025: 60% more appeals than usual about “Heating”." in new
    assert "Since 3 Mar 2025: 40 appeals from Steppe; hardly any are usual." in new
    assert "2 times as many appeals as usual in all" in new
    assert "It may be chance: 2.0% of the alerts as clear as this are." in new


def test_bursts_stand_out_before_plain_rises(followed: _Run) -> None:
    standout = _plain(_section(followed.page(), "standout"))
    assert standout.count("Rising") == 3
    assert "Rising Since 3 Mar 2025: 3 times as many appeals as usual" in standout
    assert "in a usual week before" not in standout


def test_what_became_of_earlier_themes_is_told(followed: _Run) -> None:
    names = [
        t["name"] for t in json.loads((followed.out / "digests.json").read_text(encoding="utf-8"))["themes"]
    ]
    new = _plain(_section(followed.page(), "new"))
    assert f"“{names[2]}” has split off from “{names[1]}”." in new
    assert f"“Old complaints” has merged into “{names[3]}”." in new
    assert f"“{names[1]}” has split" not in new
    assert f"“{names[4]}” was not there before" in new
    assert "“Floods of May” is gone; before: 45 appeals." in new
    assert "1 theme goes on." in new


def test_earlier_themes_are_told_of_under_the_names_that_a_person_gave(followed: _Run) -> None:
    path = followed.out / "digests.json"
    digests = json.loads(path.read_text(encoding="utf-8"))
    third, fifth = digests["themes"][2], digests["themes"].pop(4)
    third["name"] = "Broken lifts"
    path.write_text(json.dumps(digests), encoding="utf-8")
    new = _plain(_section(followed.page(), "new"))
    assert "“Broken lifts” has split off from" in new
    assert f"“{fifth['name']}” was not there before" not in new


def test_a_burst_of_a_theme_leads_to_it(followed: _Run) -> None:
    theme = json.loads((followed.out / "digests.json").read_text(encoding="utf-8"))["themes"][0]["theme"]
    page = followed.page()
    assert f'<a href="#theme-{theme}">Since 3 Mar 2025: 3 times' in _section(page, "new")
    assert f'<li id="theme-{theme}">' in page


def test_a_first_run_tells_of_no_change(followed: _Run) -> None:
    births = [{"kind": "birth", "theme": "t00", "name": "Noise", "size": 9}]
    pq.write_table(pa.Table.from_pylist(births, CHANGES), followed.out / "theme_changes.parquet")
    assert "Since the earlier run" not in followed.page()


def test_the_digest_of_the_run_names_each_appeal(followed: _Run) -> None:
    digest = _section(followed.page(), "digest")
    quotations = json.loads((followed.out / "digest.json").read_text(encoding="utf-8"))
    assert "All of it in 11 quotations" in digest
    assert re.findall(r"<code>(\w+)</code>", digest) == [q["appeal_id"] for q in quotations]


def test_whom_the_digest_represents_is_said_in_sentences_and_a_table(followed: _Run) -> None:
    text = _plain(_section(followed.page(), "fairness"))
    assert "These quotations represent people better than quotations drawn by lot." in text
    assert "76% of the people find a quotation" in text
    assert "43% of the people are worse served than by lot" in text
    assert "Tatar: 43 people, 2.1%" in text
    assert "Tatar left out 43 20% 61%" in text
    assert "Pensioners 320 76% 64%" in text
    assert "and 3 smaller groups" in text
    assert "2 groups are withheld" in text


def test_a_digest_that_does_worse_than_lots_is_not_praised(followed: _Run) -> None:
    path = followed.out / "audit.json"
    audit = json.loads(path.read_text(encoding="utf-8"))
    for measure in ("heard", "standing"):
        audit["representation"][measure]["beats"] = 0.01
    path.write_text(json.dumps(audit), encoding="utf-8")
    assert "These quotations represent people worse than quotations drawn by lot." in followed.page()


def test_rare_appeals_can_be_read_with_their_ids(followed: _Run) -> None:
    themes = _section(followed.page(), "themes")
    assert "40 appeals are like too few others for a theme" in themes
    rows = pq.read_table(followed.out / "appeals", columns=["appeal_id", "theme"]).to_pylist()
    rare_ids = {row["appeal_id"] for row in rows if row["theme"] == "rare"}
    shown = re.findall(r"<code>(\w+)</code>", themes[themes.index("Rare and singular") :])
    assert len(shown) == 8
    assert set(shown) <= rare_ids


def test_parts_that_the_run_did_not_write_are_left_out(tmp_path: Path, made: ModuleType) -> None:
    pack = made.make_pack(tmp_path)
    out = tmp_path / "out"
    manifest = made.make_run(out, pack=pack, n=300)
    build_cube(out, pack=pack)
    page = _Run(out, pack, manifest).page()
    for name in ("digest", "fairness"):
        assert f'id="{name}"' not in page
        assert f'href="#{name}"' not in page
    assert "Nothing comes much more often than usual, or there are too few days to tell." in page
