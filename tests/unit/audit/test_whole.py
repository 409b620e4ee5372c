"""A digest file against a run: what is read, what its sentences rest on, whom they leave out."""

import json
import re

import numpy as np
import pytest
from click.testing import CliRunner

from veche.audit import audit_file
from veche.audit.digest import read
from veche.audit.page import render
from veche.audit.stored import read_whole
from veche.cli.app import make_app
from veche.core.errors import UsageError
from veche.core.i18n import set_language
from veche.picture.disclosure import protect_line
from veche.run.audited import look_of

MARKDOWN = """# What people say

The clinic has **no doctor**, the old queue for a doctor takes weeks. [More](https://example.org/x)

1. potholes on the road near the school: repair the road surface
2. A helicopter landed on the opera house yesterday.

> Our clinic has no doctor,
> the new queue for a doctor takes weeks, letter 1.
```
this is code and no sentence
```
"""


def written(folder, text, name="digest.md"):
    path = folder / name
    path.write_text(text if isinstance(text, str) else json.dumps(text), encoding="utf-8")
    return path


def audited(path, run, **columns):
    return audit_file(path, run, columns=columns, protect=protect_line)


def test_markdown_is_read_sentence_by_sentence_without_headings_and_marks(tmp_path):
    assert [q.text for q in read(written(tmp_path, MARKDOWN))] == [
        "The clinic has no doctor, the old queue for a doctor takes weeks.",
        "potholes on the road near the school: repair the road surface",
        "A helicopter landed on the opera house yesterday.",
        "Our clinic has no doctor, the new queue for a doctor takes weeks, letter 1.",
    ]


def test_each_sentence_has_its_ground(tmp_path, run):
    found = audited(written(tmp_path, MARKDOWN), run)
    assert [(s.ground, s.appeal_id) for s in found.sentences] == [
        ("paraphrased", "a040"),
        ("paraphrased", "a000"),
        ("no ground", None),
        ("quoted", "a041"),
    ]


def test_the_group_that_no_sentence_speaks_for_is_named(tmp_path, run):
    said = [
        {"text": f"{kind}, {i}"}
        for i in range(8)
        for kind in ("The road has potholes", "Our clinic has no doctor")
    ]
    found = audited(written(tmp_path, said, "digest.json"), run, opinion="side")
    assert {(g.dimension, g.value) for g in found.audit.left_out} >= {
        ("opinion", "against"),
        ("theme", "t003"),
    }
    assert [g.size for g in found.audit.left_out if g.value == "t003"] == [10]


def test_copies_by_others_are_people_and_repeats_by_one_are_not(tmp_path, run):
    found = audited(written(tmp_path, MARKDOWN), run)
    assert (found.appeals, found.empty, found.audit.voices) == (86, 4, 81)


def test_groups_of_fewer_than_five_people_are_not_shown(tmp_path, run):
    found = audited(written(tmp_path, MARKDOWN), run)
    assert not [g for g in found.audit.groups if g.dimension == "channel"]
    assert found.withheld["channel"] == 2


def test_a_run_s_own_digest_is_read_with_its_subthemes_and_without_empty_answers(tmp_path, run):
    quote = {"appeal_id": "a001", "text": "The road near the new school has potholes"}
    wrong = {"appeal_id": "a002", "text": "Our clinic has no doctor"}
    nothing = {"appeal_id": "a080", "text": "there is nothing to say"}
    data = {"themes": [{"quotations": [quote], "says_nothing": False, "subthemes": [{"quotations": [wrong]}]},
                       {"quotations": [nothing], "says_nothing": True, "subthemes": []}]}  # fmt: skip
    found = audited(written(tmp_path, data, "digests.json"), run)
    assert [(s.appeal_id, s.named_wrongly) for s in found.sentences] == [("a001", False), ("a040", True)]


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("# Only a heading\n", "d.md", "no quotation"),
        ("", "d.txt", "no quotation"),
        ("[]", "d.json", "no quotation"),
        ("{", "d.json", "line 1, column 2"),
        ('{"a": 1}', "d.json", "no list of quotations"),
        ('[{"text": 5}]', "d.json", "entry 1"),
        ('["one two three", {"text": "<script>alert(1)</script> a b c"}]', "d.json", "entry 2 holds HTML"),
        ("<html><body><p>One two three four.</p></body></html>", "d.md", "holds HTML"),
        ("[" * 100_000, "d.json", "no JSON"),
    ],
)
def test_a_digest_that_cannot_be_read_gets_a_clear_message(tmp_path, text, name, said):
    with pytest.raises(UsageError) as refused:
        read(written(tmp_path, text, name))
    assert said in refused.value.text()


def test_what_cannot_be_audited_gets_a_clear_message(tmp_path, run):
    digest = written(tmp_path, MARKDOWN)
    with pytest.raises(UsageError, match="holds no appeals"):
        audited(digest, tmp_path)
    with pytest.raises(UsageError, match=r"has a column “vote”\. There are: side"):
        audited(digest, run, opinion="vote")
    with pytest.raises(UsageError, match="nothing is left"):
        audited(written(tmp_path, [f"they said number {i}" for i in range(90)], "many.json"), run)
    with pytest.raises(UsageError, match="cannot be read"):
        audited(tmp_path / "none.md", run)
    (tmp_path / "latin.md").write_bytes("Es wäre schön gewesen.".encode("latin-1"))
    with pytest.raises(UsageError, match="UTF-8"):
        audited(tmp_path / "latin.md", run)


def test_a_sentence_with_less_than_a_sign_is_no_html(tmp_path):
    assert read(written(tmp_path, "I waited < 5 minutes, then > 3 hours in pain."))


def test_the_command_writes_a_page_that_shows_hostile_words_as_text(tmp_path, run):
    said = 'Our clinic has no doctor <scr ipt> & "><svg/onload=x>'
    digest = written(tmp_path, [said, "The road near the old school has potholes"], "d.json")
    page = tmp_path / "audit.html"
    done = CliRunner().invoke(
        make_app(), ["audit", str(digest), str(run), "--column", "opinion=side", "--out", str(page)],
        catch_exceptions=False,
    )  # fmt: skip
    assert "Heard:" in done.output
    html = page.read_text(encoding="utf-8")
    assert "<svg/onload" not in html
    assert "&lt;svg/onload=x&gt;" in html
    assert "Potholes &lt;b&gt;" in html
    assert "default-src &#39;none&#39;" in html or "default-src 'none'" in html
    assert "<script" not in html


def test_the_json_of_the_command_is_complete_and_the_same_each_time(tmp_path, run):
    digest = written(tmp_path, MARKDOWN)
    call = ["audit", str(digest), str(run), "--json"]
    first, second = (CliRunner().invoke(make_app(), call, catch_exceptions=False).output for _ in range(2))
    assert first == second
    found = json.loads(first)
    assert found["representation"]["samples"] == 1000
    assert len(found["sentences"]) == 4
    assert np.isclose(sum(found["languages"].values()), 1)


def test_a_stored_audit_gives_the_same_page(tmp_path, run):
    found = audited(written(tmp_path, MARKDOWN), run, opinion="side")
    stored = read_whole(json.loads(json.dumps(found.to_json())))
    assert stored.to_json() == found.to_json()
    look = look_of(run, None)
    assert render(stored, look, title="d") == render(found, look, title="d")


@pytest.mark.parametrize(
    ("language", "shown"), [("en", ("Threat", "No doctor")), ("ru", ("Угроза", "No doctor"))]
)
def test_values_are_called_by_the_reader_s_words(run, language, shown):
    set_language(language)
    try:
        label = look_of(run, None, columns={"opinion": "kind"}).label
        assert (label("opinion", "threat"), label("theme", "t002")) == shown
        assert label("theme", "aside") not in (None, "aside")
    finally:
        set_language("en")


def test_a_group_that_is_behind_shows_by_how_much(tmp_path, run):
    found = audited(written(tmp_path, MARKDOWN), run, opinion="side")
    page = render(found, look_of(run, None), title="d")
    rows = re.findall(r"<tr>(?:<td>[^<]*</td>)?<th scope=\"row\">.*?</tr>", page)
    behind = [row for row in rows if "below the median by lot" in row]
    assert behind
    assert all("\u2212" in row for row in behind)


def test_a_column_without_a_name_is_refused(tmp_path, run):
    digest = written(tmp_path, MARKDOWN)
    with pytest.raises(UsageError, match="NAME=COLUMN"):
        CliRunner().invoke(
            make_app(), ["audit", str(digest), str(run), "--column", "side"], catch_exceptions=False
        )
