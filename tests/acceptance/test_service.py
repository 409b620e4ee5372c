"""Nothing is lost and nothing is doubled, whatever is killed.

Three authorities take sample appeals in by the web form, by API (one by one and in batches) and as files,
while processes of the service are killed with -9 at random moments and it is started again. The clients
repeat what was not answered. In the end each appeal is there once and understood as `veche run` understands
the same rows.
"""

import json
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial

import duckdb
import pytest
from tests.acceptance.running import LIMIT, a_folder, running, running_in, veche, wait_for
from tests.acceptance.senders import Acknowledged, Browser, send, write

from veche.packs import load_pack
from veche.packs.sample.generate import generate

AUTHORITIES = (("nation", "nation", "ru"), ("region", "region", "ru-54"), ("other", "region", "ru-16"))
PASSWORD = "a long one for the test"
#: What is killed: children by their names, the supervisor.
ONCE = ("web", "worker-1", "jobs", "files", "sealer", "postgres", "supervisor")
#: In the long play also one web process, and one connection of the database.
TARGETS = (*ONCE, "web/one", "postgres/one")
#: Those that may have held something that others wait for, for a minute or more.
HOLDERS = ("worker-1", "jobs", "files", "postgres", "postgres/one", "supervisor")
#: Facets that a run decides when it has seen all appeals; the service finds repeats as they come.
OF_ALL = ("theme", "repeat")
#: Facets that depend on more than the text: a form asks less than the rows of a file say.
OF_SURROUNDINGS = ("place", "body", "group")

#: Says which appeal each row became, by the hash that the service knows it by.
_BY_ROW = """
import json
from veche.service.accounts.models import Tenant
from veche.service.inbox.incoming import foreign_identity
from veche.service.vault.keys import identity_hash
rows = json.load(open({path!r}))
ids = {{t.slug: t.pk for t in Tenant.objects.all()}}
hashes = {{
    row: identity_hash(ids[slug], foreign_identity(row)).hex() for slug, some in rows.items() for row in some
}}
print(json.dumps(hashes))
"""
#: What appeals there are, and what was found of them.
_ALL = """
SELECT a.id::text, a.number, a.state, encode(s.ciphertext, 'hex'), x.text,
    (SELECT array_agg(f.id::text ORDER BY f.id) FROM inbox_finding f WHERE f.appeal_id = a.id)
FROM inbox_appeal a JOIN vault_sealed s ON s.appeal_id = a.id JOIN inbox_appealtext x ON x.appeal_id = a.id
ORDER BY a.id
"""


class Played:
    """What happened: the service as it is afterwards, the rows of each authority, what was acknowledged."""

    def __init__(self, service, rows, folder, *, forms):
        self.service = service
        self.rows = rows
        self.forms = forms
        self.folder = folder
        self.acknowledged = Acknowledged()
        self.opened = {}
        self.killed = []

    @property
    def all_rows(self):
        return [row for rows in self.rows.values() for row in rows]

    def ways(self, slug):
        """Return the rows of an authority by the way they take: form, one by one, in batches, in a file."""
        rows = self.rows[slug]
        third = self.forms + (len(rows) - self.forms) // 3
        return {
            "form": rows[: self.forms],
            "one": rows[self.forms : third],
            "batch": rows[third : 2 * third],
            "file": rows[2 * third :],
        }

    def rows_by(self, *ways):
        """Return the rows of all authorities that took these ways."""
        return [row for slug in self.rows for way in ways for row in self.ways(slug)[way]]


def sample(n):
    """Return sample appeals of each authority, with ids that no two of them share."""
    pack = load_pack("ru")
    blocks = generate(pack, n=n, seed=23, start=date(2026, 9, 1))
    rows = [row for block in blocks for row in block.appeals.to_pylist()]
    return {slug: rows[i :: len(AUTHORITIES)] for i, (slug, _level, _territory) in enumerate(AUTHORITIES)}


def play(service, folder, *, n, forms, kills, patient):
    """Let everything happen; `patient` waits for what others hold as long as a real service would."""
    played = Played(service, sample(n), folder, forms=forms)
    played.opened = service.open_authorities(AUTHORITIES, PASSWORD)
    sent = threading.Event()
    with ThreadPoolExecutor(4 * len(AUTHORITIES) + 1) as pool:
        hands = [pool.submit(hand) for hand in _hands(played)]
        killer = pool.submit(kill, played, sent, kills=kills, patient=patient)
        try:
            for hand in hands:
                hand.result(3 * LIMIT)
        finally:
            sent.set()
        killer.result(LIMIT)
    wait_for(service.ready, "the service to be ready again")
    drain(service)
    return played


def _hands(played):
    """Yield what hands in: of each authority its citizens, two programs, and one person with a file."""
    service, noted = played.service, played.acknowledged
    for slug in played.rows:
        token, ways = played.opened[slug]["token"], played.ways(slug)
        yield partial(write, service, slug, ways["form"], noted)
        yield partial(send, service, token, ways["one"], noted, size=1)
        yield partial(send, service, token, ways["batch"], noted, size=20)
        yield partial(_bring, service, slug, ways["file"])


def _bring(service, slug, rows):
    browser = Browser(service)
    browser.sign_in(f"editor@{slug}.example", PASSWORD)
    browser.bring(slug, lines_of(rows))


def lines_of(rows):
    """Return rows as a file of JSON lines."""
    return "\n".join(json.dumps(row, default=str) for row in rows).encode()


def kill(played, sent, *, kills, patient):
    """Kill at random moments between the first and the last acknowledgement, each target in its turn."""
    chance = random.Random(6)
    chosen = TARGETS if kills > len(ONCE) else ONCE
    targets = [t for _ in range(-(-kills // len(chosen))) for t in chance.sample(chosen, len(chosen))]
    most = len(played.rows_by("form", "one", "batch"))
    for target, moment in zip(targets[:kills], sorted(chance.sample(range(most), kills)), strict=True):
        wait_for(lambda moment=moment: sent.is_set() or len(played.acknowledged) >= moment, "the moment")
        threading.Event().wait(chance.random() * 0.3)
        wait_for(lambda target=target: played.service.kill(target), f"{target} to be there")
        played.killed.append(target)
        if not patient and target in HOLDERS:
            wait_for(played.service.ready, "the service to be ready again")
            played.service.hasten()


def drain(service):
    """Wait until nothing waits to be understood."""
    wait_for(lambda: service.rows("SELECT count(*) FROM inbox_pending") == [(0,)], "all to be understood")


@pytest.fixture(scope="module", params=["some", pytest.param("many", marks=pytest.mark.soak)])
def played(request, tmp_path_factory):
    """A service after all that happened to it."""
    soak = request.param == "many"
    with running() as service:
        yield play(
            service,
            tmp_path_factory.mktemp("played"),
            n=10_000 if soak else 300,
            forms=40 if soak else 4,
            kills=56 if soak else len(ONCE),
            patient=soak,
        )


@pytest.fixture(scope="module")
def by_row(played):
    """The appeals (id, number, state) that each row became, by the row's id; nothing is left over."""
    named = {slug: [row["id"] for row in played.rows[slug][played.forms :]] for slug in played.rows}
    path = played.service.home.path.parent / "rows.json"
    path.write_text(json.dumps(named))
    path.chmod(0o644)
    hashes = json.loads(played.service.manage(_BY_ROW.format(path=str(path))).splitlines()[-1])
    # A form has no id of its own; its appeal is the one whose number was shown.
    numbers = {row["id"]: number_of(played, row) for row in played.rows_by("form")}
    stored = played.service.rows("SELECT encode(identity, 'hex'), id::text, number, state FROM inbox_appeal")
    found = {row: [rest for identity, *rest in stored if identity == hash] for row, hash in hashes.items()}
    found |= {row: [rest for _, *rest in stored if rest[1] == number] for row, number in numbers.items()}
    assert len(stored) == sum(map(len, found.values())), "appeals that nobody handed in"
    return found


def number_of(played, row):
    """Return the number that was acknowledged, without its check digit."""
    return int(played.acknowledged.numbers[row["id"]].partition("-")[0])


def test_processes_were_killed_and_clients_noticed(played):
    assert set(ONCE) <= set(played.killed)
    assert played.acknowledged.repeated


def test_each_appeal_is_there_exactly_once(played, by_row):
    assert {row["id"]: len(by_row[row["id"]]) for row in played.all_rows} == {
        row["id"]: 1 for row in played.all_rows
    }


def test_what_was_acknowledged_has_the_number_that_was_said(played, by_row):
    acknowledged = played.rows_by("form", "one", "batch")
    assert played.acknowledged.numbers.keys() == {row["id"] for row in acknowledged}
    for row in acknowledged:
        assert [number for _, number, _ in by_row[row["id"]]] == [number_of(played, row)]


def test_all_are_understood(played, by_row):  # noqa: ARG001 - of the same play
    assert {state for found in by_row.values() for *_, state in found} == {"understood"}


def test_what_was_found_is_what_the_command_line_finds(played, by_row):
    by_form = {row["id"] for row in played.rows_by("form")}

    def comparable(findings):
        return {
            key: value
            for key, value in findings.items()
            if key[1] not in OF_ALL and not (key[0] in by_form and key[1] in OF_SURROUNDINGS)
        }

    expected, found = comparable(_of_command_line(played)), comparable(_of_service(played, by_row))
    assert len(expected) > 5 * len(played.all_rows)
    assert found.keys() == expected.keys()
    other = {key for key in found if found[key][0] != expected[key][0]}
    assert not other
    assert all(found[key][1] == pytest.approx(expected[key][1], abs=1e-3) for key in found)


def _of_command_line(played):
    source = played.folder / "appeals.jsonl"
    source.write_bytes(lines_of(played.all_rows))
    out = played.folder / "out"
    done = veche("run", source, "--pack", "ru", "--out", out, "--workers", "1")
    assert done.returncode == 0, done.stderr
    rows = duckdb.sql(
        f"SELECT a.foreign_id, f.facet, f.matter, f.rank, f.value, f.confidence"
        f" FROM '{out}/findings/*.parquet' f JOIN '{out}/appeals/*.parquet' a USING (appeal_id)"
    ).fetchall()
    return {row[:4]: row[4:] for row in rows}


def _of_service(played, by_row):
    of = {found[0][0]: row for row, found in by_row.items()}
    rows = played.service.rows(
        "SELECT appeal_id::text, facet, matter, rank, value, confidence FROM inbox_finding"
        " WHERE facet <> 'repeat'"
    )
    found = {(of[row[0]], *row[1:4]): row[4:] for row in rows}
    assert len(found) == len(rows), "a finding that stands there twice"
    return found


def test_a_token_sees_what_came_by_its_channel_and_nothing_else(played):
    chance = random.Random(2)
    acknowledged = played.acknowledged.numbers
    for slug, opened in played.opened.items():
        for owner, rows in played.rows.items():
            numbers = [acknowledged[row["id"]] for row in rows if row["id"] in acknowledged]
            for number in chance.sample(numbers, 5):
                status, _body = played.service.get(
                    f"/api/v1/appeals/{number}", Authorization=f"Bearer {opened['token']}"
                )
                assert status == (200 if owner == slug else 404), (slug, owner)


@pytest.mark.parametrize("slug", [slug for slug, *_ in AUTHORITIES])
def test_the_ledger_of_each_is_whole(played, slug):
    file = played.folder / f"{slug}.jsonl"
    home = played.service.home
    exported = veche("ledger", "export", "--data", home.path, "--tenant", slug, "--out", file)
    assert exported.returncode == 0, exported.stderr
    keys = (
        "--public-key",
        home.path / "ledger" / "public.pem",
        "--heads",
        home.path / "ledger" / "heads.jsonl",
    )
    checked = veche("ledger", "verify", file, *keys)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_a_backup_that_is_restored_holds_all_of_it(played):
    data, file, keys = played.service.home.path, played.folder / "backup", played.folder / "vault.key"
    for command, out in ((["backup"], file), (["vault", "copy"], keys)):
        made = veche(*command, "--data", data, "--out", out)
        assert made.returncode == 0, made.stderr
    with a_folder() as folder:
        restored = veche("restore", file, "--data", folder / "data", "--keys", keys)
        assert restored.returncode == 0, restored.stderr
        with running_in(folder) as again:
            assert again.rows(_ALL) == played.service.rows(_ALL)
