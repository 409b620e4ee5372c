"""A real PostgreSQL with the service's tables, the cast that its tests play with, and the system's browser.

Each process that runs tests has one database, whichever folder its tests lie in. `VECHE_TEST_DATABASE` (the
URL of a superuser) names a server to use; without it the embedded PostgreSQL is started when it is needed.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import django
import psycopg
import pytest
from hypothesis import HealthCheck, settings
from psycopg import sql
from psycopg.conninfo import make_conninfo

from veche.service.ground.database import prepare
from veche.service.ground.keys import passwords, secret_file, vault_key_file
from veche.service.ground.layout import Home
from veche.service.ground.os_account import accounts, own
from veche.service.ground.postgres import Cluster, find_binaries

# How long an example takes says how busy the machine is, and nothing of what is tested.
settings.register_profile("veche", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("veche")

#: Tables that belong to the installation and are left as they are.
_KEPT = ("django_migrations", "django_content_type", "auth_permission")


@pytest.fixture(scope="session")
def home():
    """The data folder of this process's service; other accounts may pass through it."""
    path = Path(tempfile.mkdtemp(prefix="veche-"))
    path.chmod(0o755)
    home = Home(path / "data")
    home.make()
    yield home
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def superuser(home):
    """The URL of a superuser of the server that the tests use."""
    named = os.environ.get("VECHE_TEST_DATABASE")
    if named:
        yield named
        return
    ours = accounts()
    own(home, ours)
    cluster = Cluster(home, find_binaries(), ours.database if ours else None)
    cluster.init()
    cluster.start()
    yield cluster.url("postgres", passwords(home)["postgres"], "postgres")
    cluster.stop()


@pytest.fixture(scope="session")
def urls(home, superuser):
    """The URLs of the roles (owner, web, worker, sealer) in a database with all tables."""
    name = f"veche_test_{os.getpid()}"
    urls = prepare(superuser, passwords=passwords(home), database=name)
    migrate = [sys.executable, "-m", "django", "migrate", "--verbosity", "0"]
    subprocess.run(migrate, env={**os.environ, **_environment(home, urls.owner)}, check=True)
    yield urls
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _environment(home, url):
    return {
        "DJANGO_SETTINGS_MODULE": "veche.service.settings",
        "VECHE_HOME": str(home.path),
        "VECHE_DATABASE_URL": url,
        "VECHE_SECRET_FILE": str(secret_file(home)),
        "VECHE_VAULT_KEY_FILE": str(vault_key_file(home)),
        "VECHE_ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
    }


@pytest.fixture(scope="session")
def installed(home, urls):
    """Django, set up in this process as the web process is."""
    os.environ.update(_environment(home, urls.web))
    # A browser that Playwright drives from this process keeps a loop running; no query of ours waits in it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "yes"
    django.setup()


def empty(superuser, urls):
    """Remove all rows but those of the installation, past all triggers."""
    name = psycopg.conninfo.conninfo_to_dict(urls.owner)["dbname"]
    with psycopg.connect(make_conninfo(superuser, dbname=name)) as connection:
        connection.execute("SET session_replication_role = replica")
        tables = [
            row[0]
            for row in connection.execute(
                "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
                " AND relkind = 'r' AND relname <> ALL (%s)",
                [list(_KEPT)],
            )
        ]
        held = [t for t in tables if connection.execute(_any(t)).fetchone() is not None]
        for table in held:
            connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))


def _any(table):
    return sql.SQL("SELECT FROM {} LIMIT 1").format(sql.Identifier(table))


@contextmanager
def connected(url):
    """Let Django in this process use the login role behind `url` meanwhile."""
    from django.db import connections

    from veche.service.environment import Environment, database

    connection = connections["default"]
    before = connection.settings_dict
    env = Environment(Path(), url, "", "", [], None, False)
    connection.close()
    connection.close_pool()
    connection.settings_dict = {**before, **database(env)}
    try:
        yield
    finally:
        connection.close()
        connection.close_pool()
        connection.settings_dict = before


@pytest.fixture
def as_owner(urls):
    """Call it in a `with`: inside, no walls stand."""
    return lambda: connected(urls.owner)


@pytest.fixture
def as_worker(urls):
    """Call it in a `with`: inside, the process is a worker."""
    return lambda: connected(urls.worker)


@pytest.fixture
def cast(as_owner):
    """The authorities and the people that the tests play with."""
    with as_owner():
        return make_cast()


def make_cast():
    """Make a nation, two regions, a city in the first, their channels, and people in every role.

    `tenants.nation`, `.region`, `.city`, `.other`; `channels.region` ... (code "api");
    `people.editor`, `.analyst` ... work in the region; `people.head` is a controller of the nation,
    `people.mayor` an administrator of the city, `people.stranger` an editor of the other region,
    `people.roads` an official of the region's body "roads".
    """
    from veche.service.accounts.models import Role, RoleName, Tenant, User
    from veche.service.inbox.models import Channel

    nation = Tenant.objects.create(slug="nation", name="Nation", level="nation", pack="ru")
    region = Tenant.objects.create(slug="region", name="Region", level="region", pack="ru", parent=nation)
    other = Tenant.objects.create(slug="other", name="Other", level="region", pack="ru", parent=nation)
    city = Tenant.objects.create(slug="city", name="City", level="municipality", pack="boston", parent=region)
    tenants = SimpleNamespace(nation=nation, region=region, other=other, city=city)
    channels = SimpleNamespace(
        **{
            name: Channel.objects.create(tenant=tenant, code="api", title="Programs")
            for name, tenant in vars(tenants).items()
        }
    )
    people = SimpleNamespace()

    def person(name, tenant, role, **narrowed):
        user = User.objects.create_user(f"{name}@veche.example", name.capitalize())
        since = datetime.now(UTC) - timedelta(days=1)
        Role.objects.create(tenant=tenant, user=user, role=role, valid_from=since, **narrowed)
        setattr(people, name, user)

    for role in RoleName.values:
        person(role, region, role)
    person("head", nation, "controller")
    person("mayor", city, "administrator")
    person("stranger", other, "editor")
    person("roads", region, "official", body="roads")
    return SimpleNamespace(tenants=tenants, channels=channels, people=people)


@pytest.fixture
def jobs(installed):  # noqa: ARG001
    """Do the jobs that wait until none waits, in a thread: this one may have a loop of its own."""

    def call():
        with ThreadPoolExecutor(1) as thread:
            thread.submit(_do_jobs).result()

    return call


def _do_jobs():
    from django.db import connections
    from procrastinate.contrib.django import app

    try:
        with app.replace_connector(app.connector.get_worker_connector()) as mine:
            mine.run_worker(
                wait=False, install_signal_handlers=False, listen_notify=False, queues=["imports"]
            )
    finally:
        connections.close_all()


@pytest.fixture(scope="session")
def chromium():
    """The system's Chromium without a window, one for a process of tests; no browser is ever downloaded."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("Chromium is missing: install the system's package `chromium`.")
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()
