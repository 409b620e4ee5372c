"""Personal data: planted in the sample, found nowhere in what a run writes or prints."""

import json
import subprocess
import sys

import ahocorasick_rs
import duckdb
import pytest
from tests.integration.conftest import VECHE

#: How originals are kept does not depend on what is understood.
CHEAP = ("--skip", "vectors,topic", "--workers", 1)


def planted(sample):
    """Return the personal data planted in the sample: (type, text)."""
    texts = {
        a["id"]: a["text"]
        for a in map(json.loads, (sample / "appeals.jsonl").read_text(encoding="utf-8").splitlines())
    }
    rows = duckdb.execute("select id, spans from read_parquet(?)", [str(sample / "truth.parquet")]).fetchall()
    return [(s["type"], texts[i][s["start"] : s["end"]]) for i, spans in rows for s in spans or []]


def written(out):
    """Return all that a run wrote, as one text."""
    parts = [
        (out / name).read_text() for name in ("report.html", "digests.json", "rejects.csv", "manifest.json")
    ]
    for pattern in ("appeals/*.parquet", "findings/*.parquet", "themes.parquet", "picture.parquet"):
        rows = duckdb.execute(
            "select to_json(t)::varchar from read_parquet(?) t", [str(out / pattern)]
        ).fetchall()
        parts += [row[0] for row in rows]
    return "\n".join(parts)


def test_planted_contacts_and_documents_are_nowhere_in_the_output(sample, result):
    text = written(result)
    exact = [
        t for kind, t in planted(sample) if kind in ("phone", "email", "card", "snils", "inn", "passport")
    ]
    assert len(exact) > 100
    found = ahocorasick_rs.AhoCorasick(sorted(set(exact))).find_matches_as_strings(text)
    assert len(set(found)) <= 0.02 * len(set(exact))


def test_originals_are_kept_only_when_asked_and_only_sealed(sample, tmp_path, veche):
    out = tmp_path / "out"
    veche("run", sample / "appeals.jsonl", "--out", out, "--limit", 20, *CHEAP, "--keep-original")
    first = json.loads((sample / "appeals.jsonl").read_text(encoding="utf-8").splitlines()[0])
    sealed = b"".join(p.read_bytes() for p in (out / "originals").iterdir())
    assert first["text"].encode() not in sealed
    (appeal_id,) = duckdb.execute(
        "select appeal_id from read_parquet(?) where foreign_id = ?",
        [str(out / "appeals/*.parquet"), first["id"]],
    ).fetchone()
    shown = veche("original", out, appeal_id, "--reason", "check")
    assert shown.stdout.strip() == first["text"].strip()
    look = json.loads((out / "looks.jsonl").read_text())
    assert (look["appeal_id"], look["reason"]) == (appeal_id, "check")


def test_an_original_is_not_shown_without_the_key(sample, tmp_path, veche):
    out = tmp_path / "out"
    veche("run", sample / "appeals.jsonl", "--out", out, "--limit", 5, *CHEAP, "--keep-original")
    appeal_id = duckdb.execute(
        "select appeal_id from read_parquet(?)", [str(out / "appeals/*.parquet")]
    ).fetchone()[0]
    shown = veche("original", out, appeal_id, "--reason", "x", VECHE_KEY_FILE=str(tmp_path / "another"))
    assert shown.returncode == 1
    assert "VECHE-K001" in shown.stderr


def test_the_main_job_runs_with_the_network_cut(sample, tmp_path, home):
    cut = ["unshare", "--net", "--map-root-user"]
    if subprocess.run([*cut, "true"], capture_output=True).returncode:
        pytest.skip("needs `unshare` and the right to make a network namespace")
    # Loopback is brought up (SIOCSIFFLAGS with IFF_UP | IFF_RUNNING), all else stays cut.
    script = (
        "import fcntl, os, socket, struct, sys;"
        "fcntl.ioctl(socket.socket(), 0x8914, struct.pack('16sh', b'lo', 0x41));"
        "os.execv(sys.argv[1], sys.argv[1:])"
    )
    command = [
        str(VECHE),
        "run",
        str(sample / "appeals.jsonl"),
        "--out",
        str(tmp_path / "out"),
        "--limit",
        "300",
    ]
    done = subprocess.run(
        [*cut, sys.executable, "-c", script, *command],
        capture_output=True,
        text=True,
        env={"HOME": str(home), "PATH": "/usr/bin:/bin", "VECHE_LANG": "en"},
    )
    assert done.returncode in (0, 3), done.stderr
    assert (tmp_path / "out" / "report.html").exists()
