"""What is taken in is understood as a run over files understands it, and shown in all places at once."""

import json
from pathlib import Path

import duckdb
import psycopg
import pyarrow as pa
import pytest
from tests.service.inbox.understanding import opened

from veche.core.finding import long_table

PHONE = "+7 912 345-67-89"
LAMP = (
    f"Здравствуйте! Во дворе дома по ул. Гагарина, 5 в Казани не горит фонарь. Звоните {PHONE}, Анна Белова."
)


@pytest.fixture(scope="module", params=["ru", "boston"])
def run_and_rows(request, tmp_path_factory):
    """A run of the command line over sample appeals, and the same rows as intake hands them over."""
    from veche.cli import main
    from veche.intake import Intake
    from veche.packs import load_pack

    folder = tmp_path_factory.mktemp("run")
    source = folder / "appeals.jsonl"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VECHE_KEY_FILE", str(folder / "key"))
        for command in (
            ["sample", "--pack", request.param, "--n", "400", "--out", str(source)],
            ["run", str(source), "--pack", request.param, "--out", str(folder / "out"), "--workers", "1"],
        ):
            with pytest.raises(SystemExit) as ended:
                main(command)
            assert not ended.value.code
    zone = load_pack(request.param).timezone
    return request.param, folder / "out", pa.concat_tables(Intake([str(source)], timezone=zone))


def findings_of(run: Path) -> dict:
    rows = duckdb.sql(
        f"SELECT appeal_id, facet, matter, rank, value, confidence, evidence, maker, maker_version "
        f"FROM '{run}/findings/*.parquet' WHERE facet NOT IN ('theme', 'repeat')"
    ).fetchall()
    return {row[:4]: row[4:] for row in rows}


def test_findings_equal_those_of_the_command_line(run_and_rows):
    pack, run, rows = run_and_rows
    understanding = opened(pack)
    found = {}
    for start in range(0, len(rows), 64):
        table = understanding(rows.slice(start, 64)).table
        facets = [c for c in table.column_names if c in understanding.makers and c != "masks"]
        columns = {f: table[f] for f in facets if pa.types.is_list(table[f].type) and f != "matters"}
        long = long_table(table["appeal_id"], columns, understanding.makers, understanding.pack.version)
        for r in long.to_pylist():
            key = (r["appeal_id"], r["facet"], r["matter"], r["rank"])
            found[key] = (r["value"], r["confidence"], r["evidence"], r["maker"], r["maker_version"])
    expected = findings_of(run)
    assert len(expected) > 2_000
    assert found.keys() == expected.keys()
    for key, (value, confidence, evidence, *maker) in found.items():
        assert value == expected[key][0], key
        assert confidence == pytest.approx(expected[key][1], abs=1e-4), key
        assert [evidence, *maker] == list(expected[key][2:5]), key


def test_what_stands_beside_the_text_is_masked_as_in_a_run(run_and_rows):
    pack, run, rows = run_and_rows
    table = opened(pack)(rows).table
    names = ["masked_text", "declared_territory", "occupation", "foreign_id", "kept", "masks", "matters"]
    written = duckdb.sql(f"SELECT {', '.join(names)} FROM '{run}/appeals/*.parquet' ORDER BY row").fetchall()
    expected = pa.table(dict(zip(names, map(list, zip(*written, strict=True)), strict=True)))
    assert table["masked_text"].to_pylist() == expected["masked_text"].to_pylist()
    for name in ("declared_territory", "occupation", "foreign_id"):
        assert table[name].to_pylist() == expected[name].to_pylist(), name


def test_an_understood_appeal_is_shown_everywhere_at_once(handed_in, understood, rows_of):
    (appeal,) = handed_in(LAMP)
    assert understood() == 1
    ((state, topic, territory, day, at),) = rows_of(
        "SELECT state, topic, territory, day::text, understood_at FROM inbox_appeal"
    )
    assert (state, territory, day) == ("understood", "ru/ru-16/ru-16-000-001", "2026-11-22")
    assert topic
    assert at
    ((text, masks, found),) = rows_of(
        "SELECT text, masks, search @@ websearch_to_tsquery('russian', 'фонари') FROM inbox_appealtext"
    )
    assert PHONE not in text
    assert "Белова" not in text
    assert found
    assert {mask["type"] for mask in masks} >= {"phone", "name"}
    labels = opened("ru").labels
    assert all(text[m["start"] : m["end"]] == labels[m["type"]] for m in masks)
    assert rows_of("SELECT topic FROM inbox_appeal WHERE veche_counted(state, day)") == [(topic,)]
    facets = {row[0] for row in rows_of("SELECT facet FROM inbox_finding WHERE appeal_id = %s", appeal)}
    assert facets >= {"language", "kind", "topic", "place", "body", "urgency"}
    assert rows_of("SELECT count(*) FROM inbox_pending") == [(0,)]
    ((facts,),) = rows_of("SELECT facts FROM ledger_entry WHERE act = 'appeal.understood'")
    assert facts["appeals"] == 1


def test_pages_that_show_counts_are_told_when_appeals_are_understood_and_withdrawn(
    cast, urls, handed_in, understood
):
    from veche.service.accounts.acting import working
    from veche.service.inbox.withdraw import withdraw
    from veche.service.live import CHANNEL

    said = json.dumps([str(cast.tenants.city.pk), "counts", ""])
    with psycopg.connect(urls.web, autocommit=True) as page:
        page.execute(f"LISTEN {CHANNEL}")
        (appeal,) = handed_in("The street lamp at Newbury Street has been dark for days.", to="city")
        understood()
        assert said in [told.payload for told in page.notifies(timeout=5, stop_after=1)]
        with working(cast.tenants.city.pk):
            withdraw(appeal, actor="process:test")
        assert said in [told.payload for told in page.notifies(timeout=5, stop_after=1)]


def test_each_tenant_is_understood_with_its_own_pack(handed_in, understood, rows_of):
    handed_in("На улице Ленина яма на дороге, почините.", to="region")
    handed_in("There is a pothole on Newbury Street, please fix it.", to="city")
    understood()
    packs = rows_of(
        "SELECT DISTINCT t.slug, split_part(a.territory, '/', 1) FROM inbox_appeal a"
        " JOIN accounts_tenant t ON t.id = a.tenant_id WHERE a.territory <> '' ORDER BY 1"
    )
    assert ("city", "boston") in packs
    assert rows_of("SELECT count(*) FROM inbox_appeal WHERE state <> 'understood'") == [(0,)]


def test_an_appeal_that_was_withdrawn_meanwhile_is_left_alone(cast, handed_in, understood, rows_of):
    from veche.service.accounts.acting import working
    from veche.service.inbox.withdraw import withdraw

    kept, gone = handed_in("Не вывозят мусор.", "Нет горячей воды.")
    with working(cast.tenants.region.pk):
        withdraw(gone, actor="process:test")
    understood()
    assert rows_of("SELECT appeal_id FROM inbox_appealtext") == [(kept,)]
    assert rows_of("SELECT state FROM inbox_appeal WHERE id = %s", gone) == [("withdrawn",)]


def test_a_text_that_is_too_long_to_index_is_understood(handed_in, understood, rows_of):
    handed_in("".join(f"слово{i} " for i in range(8_000)))
    understood()
    assert rows_of("SELECT state FROM inbox_appeal") == [("understood",)]
