"""The report is one page that holds all it needs, in both languages, with nothing a citizen wrote alive."""

import base64
import hashlib
import html
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from veche.core import i18n
from veche.picture import build_cube, write_report

_VOID = {"meta", "br", "rect", "path", "circle", "input", "link", "img", "hr"}


class _Outline(HTMLParser):
    """Checks that elements close in order; collects headings, ids, links to them and attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.headings: list[int] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.attributes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _VOID or tag in ("path", "circle"):
            self.open.append(tag)
        self.attributes |= {name for name, _value in attrs}
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.links += [value or "" for name, value in attrs if name == "href"]
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))

    def handle_startendtag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes |= {name for name, _value in attrs}

    def handle_endtag(self, tag: str) -> None:
        assert self.open, tag
        assert self.open.pop() == tag


@pytest.fixture(scope="module", params=["en", "ru"])
def page(request: pytest.FixtureRequest, run: Any) -> str:
    build_cube(run.out, pack=run.pack)
    path = write_report(run.out, pack=run.pack, manifest=run.manifest, language=request.param)
    return path.read_text(encoding="utf-8")


def _data(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found[1])


def _table(page: str, name: str) -> list[float]:
    table = page[page.index(f'id="table-{name}"') :]
    return [float(x) for x in re.findall(r'data-n="([^"]*)"', table[: table.index("</table>")])]


def test_the_page_is_well_formed_and_its_headings_go_down_in_order(page: str) -> None:
    outline = _Outline(page)
    assert outline.open == []
    assert outline.headings[0] == 1
    assert all(b - a <= 1 for a, b in zip(outline.headings, outline.headings[1:], strict=False))


def test_every_link_leads_to_a_place_in_the_page(page: str) -> None:
    outline = _Outline(page)
    assert len(outline.ids) == len(set(outline.ids))
    assert outline.links
    assert all(link.startswith("#") and link[1:] in outline.ids for link in outline.links)


def test_the_policy_names_each_style_and_program_by_its_digest(page: str) -> None:
    policy = html.unescape(re.findall(r'Content-Security-Policy" content="([^"]*)"', page)[0])
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        for text in re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL):
            digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in policy
    names = _Outline(page).attributes
    assert not {n for n in names if n.startswith("on") or n in ("style", "src", "srcset")}


def test_each_chart_has_a_table_with_the_same_numbers(page: str) -> None:
    charts = _data(page)["charts"]
    assert set(charts) == {"time", "week", "topics", "sureness"}
    assert _table(page, "time") == charts["time"]["values"]
    assert _table(page, "week") == charts["week"]["values"]
    rows = list(zip(*(s["values"] for s in charts["sureness"]["series"]), strict=True))
    assert _table(page, "sureness") == [n for row in rows for n in row]
    leaves = [box["value"] for top in charts["topics"]["boxes"] for box in (top, *top["children"])]
    assert _table(page, "topics")[: len(leaves)] == leaves


def test_the_map_has_a_table_with_the_same_numbers(page: str) -> None:
    areas = re.findall(r"<path class=[^>]*>\s*<title>([^:<]*): ([\d,\u202f]+)", page)
    assert len(areas) == 12
    shown = {name: re.sub(r"\D", "", n) for name, n in areas}
    table = page[page.index('id="table-places"') :]
    rows = re.findall(
        r'<th scope="row">([^<]*)</th><td class="n" data-n="(\d+)"', table[: table.index("</table>")]
    )
    assert shown == dict(rows)


def test_the_total_stands_at_the_top(page: str, run: Any) -> None:
    n = run.manifest["counts"]["accepted"]
    assert re.search(rf"<dd>{n // 1000}[,\u202f]{n % 1000:03}</dd>", page)


def test_no_small_group_is_named_with_a_number(page: str) -> None:
    people = page[page.index('id="people"') : page.index('id="urgent"')]
    assert all(int(n) >= 5 for n in re.findall(r'data-n="(\d+)"', people))
    assert "beekeeper" in people.lower()


def test_the_russian_page_has_russian_words_dates_and_numbers(run: Any) -> None:
    path = write_report(run.out, pack=run.pack, manifest=run.manifest, language="ru")
    text = path.read_text(encoding="utf-8")
    assert '<html lang="ru">' in text
    assert "О чём пишут люди" in text
    assert "06.01.2025" in text
    assert "2\u202f000" in text
    assert i18n.language() == "en"


def test_what_citizens_wrote_is_only_text(
    tmp_path: Path, made: ModuleType, made_following: ModuleType
) -> None:
    attack = '</script><script>alert(1)</script><img src=x onerror="alert(1)">&amp;\'"'
    pack = made.make_pack(tmp_path)
    out = tmp_path / "out"
    manifest = made.make_run(out, pack=pack, n=300)
    part = out / "appeals" / "part-00000.parquet"
    table = pq.read_table(part)
    for name in ("masked_text", "channel", "language", "place", "topic"):
        at = table.column_names.index(name)
        table = table.set_column(at, name, pa.array([attack] * len(table)))
    pq.write_table(table, part)
    digests = json.loads((out / "digests.json").read_text(encoding="utf-8"))
    for theme in digests["themes"]:
        theme.update(name=attack, keywords=[attack])
        for quotation in theme["quotations"]:
            quotation.update(text=attack, language=attack)
        theme["positions"] = {"mixed": False, "neither": 0.1, "sides": [
            {"side": attack, "share": 0.9, "size": 9, "quotations": theme["quotations"]}]}  # fmt: skip
    (out / "digests.json").write_text(json.dumps(digests), encoding="utf-8")
    made_following.add_following(out)
    path = out / "digest.json"
    quotations = [{**q, "text": attack, "theme": attack} for q in json.loads(path.read_text("utf-8"))]
    path.write_text(json.dumps(quotations), encoding="utf-8")
    manifest["inputs"][0].update(name=attack, mapping={"text": attack})
    build_cube(out, pack=pack)
    page = write_report(out, pack=pack, manifest=manifest, language="en").read_text(encoding="utf-8")
    assert "<img src=x" not in page
    assert "<script>alert" not in page
    assert not {n for n in _Outline(page).attributes if n.startswith("on")}
    assert html.escape(attack).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in page


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_what_the_data_lack_is_said_with_a_remedy(tmp_path: Path, made: ModuleType, language: str) -> None:
    pack = made.make_pack(tmp_path, shapes=False)
    out = tmp_path / "out"
    (out / "appeals").mkdir(parents=True)
    table = pa.table({"appeal_id": ["a", "b"], "masked_text": ["x", "y"]})
    pq.write_table(table, out / "appeals" / "part-00000.parquet")
    build_cube(out, pack=pack)
    path = write_report(out, pack=pack, manifest=made.make_manifest(2), language=language)
    page = path.read_text(encoding="utf-8")
    for field in ("received_at", "territory", "age", "sex", "occupation", "channel"):
        assert f"--map {field}=" in page
    assert _data(page)["charts"] == {}


def test_a_run_that_took_nothing_says_so(tmp_path: Path, made: ModuleType) -> None:
    pack = made.make_pack(tmp_path)
    build_cube(tmp_path, pack=pack)
    path = write_report(tmp_path, pack=pack, manifest=made.make_manifest(0), language="en")
    assert "No appeal was taken." in path.read_text(encoding="utf-8")


def test_territories_without_shapes_are_drawn_as_circles(tmp_path: Path, made: ModuleType) -> None:
    pack = made.make_pack(tmp_path, shapes=False)
    out = tmp_path / "out"
    manifest = made.make_run(out, pack=pack, n=300)
    build_cube(out, pack=pack)
    page = write_report(out, pack=pack, manifest=manifest, language="en").read_text(encoding="utf-8")
    assert len(re.findall(r'<circle class="(?:c\d|none)"', page)) == 12
    assert len(re.findall(r'<text x="[\d.]+"', page)) > 6


def test_the_same_run_gives_the_same_page(run: Any) -> None:
    pages = [
        write_report(run.out, pack=run.pack, manifest=run.manifest, language="en").read_bytes()
        for _ in range(2)
    ]
    assert pages[0] == pages[1]


def test_a_page_of_many_appeals_stays_under_five_megabytes(tmp_path: Path, made: ModuleType) -> None:
    pack = made.make_pack(tmp_path)
    out = tmp_path / "out"
    manifest = made.make_run(out, pack=pack, n=2000)
    digests = json.loads((out / "digests.json").read_text(encoding="utf-8"))
    theme = {**digests["themes"][0], "is_new": False}
    for quotation in theme["quotations"]:
        quotation["text"] = quotation["text"] * 5
    digests["themes"] = [{**theme, "theme": f"x{i:03}", "is_new": i < 20} for i in range(400)]
    (out / "digests.json").write_text(json.dumps(digests), encoding="utf-8")
    build_cube(out, pack=pack)
    path = write_report(out, pack=pack, manifest=manifest, language="ru")
    assert path.stat().st_size < 5_000_000


def test_inputs_show_which_column_each_field_was_read_from(page: str) -> None:
    assert "received_at ← Дата" in page
    assert "text ← Текст" in page
