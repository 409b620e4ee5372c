import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.service.ground.conftest import as_root

from veche.core.errors import FolderOfAnother, FolderUnusable, NoService, OwnDatabase
from veche.service.ground import keys
from veche.service.ground.layout import Home
from veche.service.ground.opened import open_existing, open_ground
from veche.service.ground.os_account import accounts, own
from veche.service.ground.processes import Account
from veche.service.ground.readable import own_python, reflect

_SERVER = "postgresql://city:hidden@db.example/appeals"


@pytest.fixture
def folder():
    path = Path(tempfile.mkdtemp(prefix="veche-opened-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


def test_a_folder_is_made_whole_and_opened_again_as_it_was(folder):
    first = open_ground(folder / "data")
    secrets = {path.name: path.read_bytes() for path in first.home.keys.iterdir()}
    assert {"secret", "vault.key", "ledger.key"} <= set(secrets)
    again = open_existing(folder / "data")
    assert again.home == first.home
    assert {name: (first.home.keys / name).read_bytes() for name in secrets} == secrets


def test_no_secret_is_open_to_others(folder):
    home = open_ground(folder / "data").home
    keys.passwords(home)
    assert {path.stat().st_mode & 0o777 for path in home.keys.iterdir()} == {0o600}
    assert all(path.stat().st_mode & 0o007 == 0 for path in home.folders())


def test_a_folder_without_a_service_is_told_from_one_with(folder):
    with pytest.raises(NoService):
        open_existing(folder)


def test_a_folder_keeps_to_its_database(folder):
    assert open_ground(folder / "data", database_url=_SERVER).cluster is None
    ground = open_existing(folder / "data")
    assert ground.database_url == _SERVER
    assert open_ground(folder / "data", database_url=_SERVER.replace("hidden", "renewed")).cluster is None
    with pytest.raises(OwnDatabase, match=r"db\.example/appeals") as told:
        open_ground(folder / "data", database_url=_SERVER.replace("db.", "other."))
    assert "hidden" not in told.value.text()
    (ground.home.postgres / "PG_VERSION").write_text("18\n")
    with pytest.raises(OwnDatabase):
        open_ground(folder / "data", database_url=_SERVER)


def test_a_file_where_the_folder_should_be_is_told(folder):
    (folder / "data").touch()
    with pytest.raises(FolderUnusable):
        open_ground(folder / "data")


@as_root
def test_where_the_accounts_cannot_enter_the_data_lies_elsewhere_and_a_link_leads_there(folder):
    folder.chmod(0o700)
    ground = open_ground(folder / "data")
    try:
        assert ground.asked == folder / "data"
        assert (folder / "data").is_symlink()
        assert (folder / "data").resolve() == ground.home.path
        assert open_ground(folder / "data").home == ground.home
        assert folder.stat().st_mode & 0o777 == 0o700
    finally:
        shutil.rmtree(ground.home.path)


@as_root
def test_a_folder_with_data_that_the_accounts_cannot_enter_is_refused_and_left_alone(folder):
    (folder / "data").mkdir()
    (folder / "data" / "kept").touch()
    folder.chmod(0o700)
    with pytest.raises(FolderUnusable):
        open_ground(folder / "data")
    assert (folder / "data" / "kept").exists()


@as_root
def test_data_that_a_plain_user_made_goes_over_to_the_accounts(folder):
    home = Home(folder / "data")
    home.make()
    nested = home.attachments / "a" / "b"
    nested.mkdir(parents=True)
    (nested / "c").touch()
    for inner, folders, files in os.walk(home.path):
        for name in (*folders, *files):
            os.chown(Path(inner, name), 12345, 12345)
    ours = accounts()
    own(home, ours)
    for path in (home.attachments, nested, nested / "c"):
        assert path.stat().st_uid == ours.web.uid


@as_root
def test_data_of_another_user_is_refused(folder):
    os.chown(folder, 12345, 12345)
    with pytest.raises(FolderOfAnother, match="12345"):
        own(Home(folder), None)


def test_children_find_the_packages_wherever_they_start(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", f"src{os.pathsep}")
    assert own_python().variables["PYTHONPATH"] == str(Path.cwd() / "src")


_NAMES = st.sampled_from(["a", "b", "c"])
_TREES = st.recursive(
    st.tuples(st.binary(max_size=8), st.sampled_from([0o600, 0o700, 0o644])),
    lambda inner: st.dictionaries(_NAMES, inner, max_size=3),
    max_leaves=4,
).filter(lambda tree: isinstance(tree, dict))


def _lay(path, tree):
    path.mkdir(mode=0o700)
    for name, inner in tree.items():
        if isinstance(inner, dict):
            _lay(path / name, inner)
        else:
            (path / name).write_bytes(inner[0])
            (path / name).chmod(inner[1])


def _read(path):
    return {p.name: _read(p) if p.is_dir() else p.read_bytes() for p in path.iterdir()}


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(before=_TREES, now=_TREES)
def test_a_copy_holds_what_its_source_holds_now_and_everybody_can_read_it(tmp_path, before, now):
    place = Path(tempfile.mkdtemp(dir=tmp_path))
    for number, tree in enumerate((before, now)):
        source = place / f"source{number}"
        _lay(source, tree)
        for path in source.rglob("*"):
            os.utime(path, (number, number))
        reflect(source, place / "copy")
        assert _read(place / "copy") == _read(source)
    for path in (place / "copy").rglob("*"):
        assert path.stat().st_mode & 0o044 == 0o044
        assert not path.is_dir() or path.stat().st_mode & 0o011 == 0o011


def test_a_link_that_leads_up_or_nowhere_is_left_out_and_others_become_what_they_lead_to(tmp_path):
    source = tmp_path / "source"
    (source / "inner").mkdir(parents=True)
    (tmp_path / "outside").write_text("outside")
    (source / "inner" / "up").symlink_to("..")
    (source / "inner" / "nowhere").symlink_to("gone")
    (source / "inner" / "file").symlink_to(tmp_path / "outside")
    reflect(source, tmp_path / "copy")
    assert _read(tmp_path / "copy") == {"inner": {"file": b"outside"}}
    assert not (tmp_path / "copy" / "inner" / "file").is_symlink()


def test_an_account_is_a_user_of_the_machine_and_never_root():
    ours = accounts()
    assert (ours is None) == (os.geteuid() != 0)
    for account in (ours.web, ours.database, ours.ledger) if ours else ():
        assert isinstance(account, Account)
        assert account.uid != 0
        assert account.name != "nobody"
