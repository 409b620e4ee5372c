"""Every role, action and thing, through all three layers, and with each layer switched off alone.

The world is one tree of authorities, the same things in each, and a person in every role at every place. What
they may do is written out here once more, so that a slip in the policy's table shows.
"""

from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace

import psycopg
import pytest

KEEP_ROWS = True

ROLES = ["editor", "analyst", "official", "controller", "administrator", "auditor"]
READERS = "editor analyst official controller auditor"
#: Who may do what, and with what: own tenant, a part of it, a tenant below, a lent appeal.
RIGHTS = {
    "appeal.list": (READERS, "own part below lent"),
    "appeal.see": (READERS, "own part below lent"),
    "original.see": ("editor official", "own part lent"),
    "finding.decide": ("editor official controller", "own part lent"),
    "decision.check": ("editor official controller", "own part"),
    "decision.see": ("editor official controller auditor", "own part below"),
    "appeal.withdraw": ("editor", "own part"),
    "appeal.hand_in": ("editor", "own part"),
    "appeal.lend": ("editor controller", "own"),
    "import.start": ("editor administrator", "own"),
    "aside.see": ("editor controller administrator auditor", "own part below"),
    "aside.retry": ("editor administrator", "own part"),
    "picture.see": (" ".join(ROLES), "own part below"),
    "annotation.write": ("analyst controller administrator", "own"),
    "mailing.set": ("analyst controller administrator", "own"),
    "theme.sign": ("editor analyst", "own"),
    "people.see": ("controller administrator auditor", "own below"),
    "people.grant": ("administrator", "own"),
    "tokens.manage": ("administrator", "own"),
    "channels.manage": ("administrator", "own"),
    "ledger.see": ("controller administrator auditor", "own below"),
    "ledger.export": ("administrator auditor", "own"),
    "person.erase": ("administrator", "own"),
    "retention.set": ("administrator", "own"),
}
WRITERS = ["editor", "official", "controller", "administrator"]
TENANTS = ["nation", "region", "city", "other"]
APPEALS = ["roads", "clinic", "similar", "blank"]
LENT = ["lent", "lent_before", "lent_later", "lent_by_a_thief"]


def everything(*tenants):
    return [f"{tenant}.{name}" for tenant in tenants for name in APPEALS]


LENDABLE = [f"other.{name}" for name in LENT]
#: The appeals that a person reaches from a place, and how.
REACH = {
    "own": {
        **dict.fromkeys(everything("region"), "own"),
        **dict.fromkeys(everything("city"), "below"),
        "other.lent": "lent",
    },
    "above": {
        **dict.fromkeys(everything("nation"), "own"),
        **dict.fromkeys([*everything("region", "city", "other"), *LENDABLE], "below"),
    },
    "below": dict.fromkeys(everything("city"), "own"),
    "sibling": dict.fromkeys([*everything("other"), *LENDABLE], "own"),
    "body": {"region.roads": "part"},
    "territory": {"region.roads": "part"},
    "body and territory": {"region.roads": "part"},
    "body elsewhere": {},
    "expired": {},
    "future": {},
    "left": {},
}
#: The tenants whose own things (channels, people ...) a person reaches from a place, and how.
REACH_OF_TENANTS = {
    "own": {"region": "own", "city": "below"},
    "above": {"nation": "own", "region": "below", "city": "below", "other": "below"},
    "below": {"city": "own"},
    "sibling": {"other": "own"},
    **{place: {"region": "part"} for place in ("body", "territory", "body and territory", "body elsewhere")},
    **{place: {} for place in ("expired", "future", "left")},
}


def make_world():
    from django.utils import timezone

    from veche.service.accounts.models import Delegation, Role, Tenant, User
    from veche.service.inbox.models import Appeal, AppealText, Channel, FileImport, Person, Thread, Token

    now = timezone.now()
    day = timedelta(days=1)
    world = SimpleNamespace(tenants={}, people={}, appeals={}, things={})
    parents = {"nation": None, "region": "nation", "other": "nation", "city": "region"}
    for name, parent in parents.items():
        world.tenants[name] = Tenant.objects.create(
            slug=name, name=name, level="region", pack="ru", parent=world.tenants.get(parent)
        )
    places = {
        "own": ("region", {}),
        "above": ("nation", {}),
        "below": ("city", {}),
        "sibling": ("other", {}),
        "body": ("region", {"body": "roads"}),
        "territory": ("region", {"territory": "RU/T1"}),
        "body and territory": ("region", {"body": "roads", "territory": "RU/T1"}),
        "body elsewhere": ("region", {"body": "roads", "territory": "RU/T2"}),
        "expired": ("region", {"valid_to": now - day}),
        "future": ("region", {"valid_from": now + day}),
        "left": ("region", {}),
    }
    for place, (tenant, given) in places.items():
        for role in ROLES:
            user = User.objects.create(
                email=f"{role}.{place.replace(' ', '.')}@veche.example",
                name=role,
                is_active=place != "left",
                password="!",
            )
            dates = {"valid_from": now - 2 * day, **given}
            Role.objects.create(tenant=world.tenants[tenant], user=user, role=role, **dates)
            world.people[place, role] = user
    somewhere = {
        "roads": ("RU/T1/square", "roads"),
        "clinic": ("RU/T2", "clinic"),
        "similar": ("RU/T10", "roads2"),
        "blank": ("", ""),
    }
    for number, (label, tenant) in enumerate(world.tenants.items()):
        channel = Channel.objects.create(tenant=tenant, code="api", title="Programs")
        person = Person.objects.create(tenant=tenant)
        thread = Thread.objects.create(tenant=tenant, person=person, opened_at=now, last_at=now)
        world.things[label] = {
            "channel": channel,
            "person": person,
            "token": Token.objects.create(tenant=tenant, channel=channel, hash=bytes([number]) * 32),
            "import": FileImport.objects.create(
                tenant=tenant, channel=channel, extension="csv", size=1, sha256=b"0" * 32
            ),
            "role": Role.objects.filter(tenant=tenant).first(),
        }
        names = [*APPEALS, *LENT] if label == "other" else APPEALS
        for name in names:
            territory, body = somewhere.get(name, somewhere["roads"])
            appeal = Appeal.objects.create(
                tenant=tenant,
                channel=channel,
                person=person,
                thread=thread,
                number=1_000_000 + len(world.appeals),
                identity=name.encode(),
                secret_hash=b"0" * 32,
                received_at=now,
                taken_at=now,
                territory=territory,
                body=body,
            )
            AppealText.objects.create(appeal=appeal, tenant=tenant, text="The road is broken.")
            world.appeals[f"{label}.{name}"] = appeal
    periods = {
        "lent": (now - day, now + day),
        "lent_before": (now - 2 * day, now - day),
        "lent_later": (now + day, None),
    }
    for name, (since, until) in periods.items():
        Delegation.objects.create(
            tenant=world.tenants["other"],
            to_tenant=world.tenants["region"],
            appeal_id=world.appeals[f"other.{name}"].pk,
            valid_from=since,
            valid_to=until,
        )
    return world


_made = {}


@pytest.fixture
def world(as_owner):
    if not _made:
        with as_owner():
            _made["world"] = make_world()
    return _made["world"]


def may(role, action, relation):
    roles, relations = RIGHTS[action]
    return role in roles.split() and relation in relations.split()


#: The actions that are done to an appeal; the others are done to a tenant as a whole.
TO_APPEALS = [name for name in RIGHTS if name.startswith(("appeal", "original", "finding", "aside"))]


def expected(place, role, action):
    reach = REACH if action in TO_APPEALS else REACH_OF_TENANTS
    return {name for name, relation in reach[place].items() if may(role, action, relation)}


def gate(world, around, monkeypatch):
    """What everybody gets past the getters and the policy, whichever of these are switched on.

    What a person was granted and what is known of a thing is asked once for each person.
    """
    from veche.service.accounts import access

    names = {appeal.pk: name for name, appeal in world.appeals.items()}
    names |= {world.things[label]["channel"].pk: label for label in world.tenants}
    got = {}
    for (place, role), user in world.people.items():
        with around(user), monkeypatch.context() as patched:
            for asked in ("grants_of", "target_of", "_below"):
                patched.setattr(access, asked, once(getattr(access, asked)))
            for action in RIGHTS:
                getter = access.appeals_of if action in TO_APPEALS else access.channels_of
                passed = access._passed(getter(user, action), user, action)
                got[place, role, action] = {names[thing.pk] for thing in passed}
    return got


def once(ask):
    known = {}

    def answer(about):
        key = frozenset(about) if isinstance(about, set) else about
        if key not in known:
            known[key] = ask(about)
        return known[key]

    return answer


@contextmanager
def nobody_in_particular(_user):
    yield


def wanted(world):
    return {
        (place, role, action): expected(place, role, action)
        for place, role in world.people
        for action in RIGHTS
    }


def test_everybody_gets_through_all_layers_what_is_theirs_and_nothing_else(world, monkeypatch):
    from veche.service.accounts.acting import acting

    assert gate(world, acting, monkeypatch) == wanted(world)


def test_without_the_policy_the_others_hold(world, monkeypatch):
    from veche.service.accounts import policy
    from veche.service.accounts.acting import acting

    monkeypatch.setattr(policy, "may", lambda *_, **__: True)
    assert gate(world, acting, monkeypatch) == wanted(world)


def test_without_the_getters_the_others_hold(world, monkeypatch):
    from veche.service.accounts import access
    from veche.service.accounts.acting import acting

    monkeypatch.setattr(access, "_reached", lambda things, *_: things)
    assert gate(world, acting, monkeypatch) == wanted(world)


def test_without_row_level_security_the_others_hold(world, as_owner, monkeypatch):
    with as_owner():
        assert gate(world, nobody_in_particular, monkeypatch) == wanted(world)


def test_the_policy_alone_holds(world, as_owner, monkeypatch):
    from veche.service.accounts import access

    monkeypatch.setattr(access, "_reached", lambda things, *_: things)
    with as_owner():
        assert gate(world, nobody_in_particular, monkeypatch) == wanted(world)


def test_the_getters_alone_hold(world, as_owner, monkeypatch):
    from veche.service.accounts import policy

    monkeypatch.setattr(policy, "may", lambda *_, **__: True)
    with as_owner():
        assert gate(world, nobody_in_particular, monkeypatch) == wanted(world)


def test_row_level_security_alone_lets_nobody_read_beyond_their_reach(world):
    from veche.service.accounts.acting import acting
    from veche.service.inbox.models import Appeal, AppealText, Channel

    names = {appeal.pk: name for name, appeal in world.appeals.items()}
    tenants = {tenant.pk: name for name, tenant in world.tenants.items()}
    for (place, _), user in world.people.items():
        with acting(user):
            reached = set(REACH[place])
            assert {names[a.pk] for a in Appeal.objects.all()} == reached, place
            assert {names[t.pk] for t in AppealText.objects.all()} == reached, place
            assert {tenants[c.tenant_id] for c in Channel.objects.all()} == set(REACH_OF_TENANTS[place])


def test_row_level_security_alone_lets_nobody_write_beyond_their_reach(world):
    from django.db import transaction

    from veche.service.accounts.acting import acting
    from veche.service.inbox.models import AppealText

    names = {appeal.pk: name for name, appeal in world.appeals.items()}
    for (place, role), user in world.people.items():
        with acting(user):
            writes = ("own", "part", "lent") if role in WRITERS else ()
            reached = {name for name, relation in REACH[place].items() if relation in writes}
            assert updated("inbox_appeal", "urgency = 'high'", "id", names) == reached, (place, role)
            assert updated("inbox_appealtext", "text = 'x'", "appeal_id", names) == reached, (place, role)
            transaction.set_rollback(True)
    with acting(world.people["own", "auditor"]):
        assert not AppealText.objects.filter(text="x").exists()


def updated(table, change, key, names):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {change} RETURNING {key}")
        return {names[row[0]] for row in cursor.fetchall()}


@pytest.mark.parametrize("table", ["inbox_channel", "inbox_token", "accounts_role"])
def test_row_level_security_lets_only_administrators_change_people_channels_and_tokens(world, table):
    from django.db import connection, transaction

    from veche.service.accounts.acting import acting

    names = {tenant.pk: name for name, tenant in world.tenants.items()}
    for (place, role), user in world.people.items():
        rules = {t for t, relation in REACH_OF_TENANTS[place].items() if relation == "own"}
        with acting(user), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table} RETURNING tenant_id")
            gone = {names[row[0]] for row in cursor.fetchall()}
            transaction.set_rollback(True)
        assert gone == (rules if role == "administrator" else set()), (place, role)


def test_several_roles_add_up_without_lending_one_another_their_rights(world, as_owner):
    from django.db import transaction
    from django.utils import timezone

    from veche.service.accounts import access
    from veche.service.accounts.acting import acting
    from veche.service.accounts.models import Role, User

    names = {appeal.pk: name for name, appeal in world.appeals.items()}
    since = timezone.now() - timedelta(days=1)
    with as_owner():
        user = User.objects.create(email="both@veche.example", name="Both", password="!")
        given = {"user": user, "tenant": world.tenants["region"], "valid_from": since}
        roles = [
            Role.objects.create(role="analyst", **given),
            Role.objects.create(role="editor", body="roads", **given),
            Role.objects.create(
                role="editor", user=user, tenant=world.tenants["city"], body="clinic", valid_from=since
            ),
        ]
    try:
        with acting(user):
            assert {names[a.pk] for a in access.appeals_of(user)} == set(REACH["own"])
            decide = {names[a.pk] for a in access.appeals_of(user, "finding.decide")}
            assert decide == {"region.roads", "city.clinic"}
            assert updated("inbox_appeal", "urgency = 'high'", "id", names) == decide
            transaction.set_rollback(True)
    finally:
        with as_owner():
            Role.objects.filter(pk__in=[r.pk for r in roles]).delete()


def test_each_getter_refuses_alike_what_is_anothers_and_what_does_not_exist(world):
    from uuid import uuid4

    from veche.core.errors import NotYours
    from veche.service.accounts import access
    from veche.service.accounts.acting import acting

    administrator = world.people["own", "administrator"]
    getters = {
        "channel": access.access_channel,
        "token": access.access_token,
        "import": access.access_import,
        "person": access.access_person,
        "role": access.access_role,
    }
    with acting(administrator):
        for kind, getter in getters.items():
            own = world.things["region"][kind]
            assert getter(administrator, own.pk) == own
            for key in [world.things[t][kind].pk for t in ("nation", "city", "other")] + [uuid4()]:
                with pytest.raises(NotYours) as refused:
                    getter(administrator, key)
                assert refused.value.code == "VECHE-V301"
        assert access.access_tenant(administrator, "region", "people.grant").slug == "region"
        for slug in ("nation", "city", "other", "none"):
            with pytest.raises(NotYours):
                access.access_tenant(administrator, slug, "people.grant")
    auditor = world.people["own", "auditor"]
    with acting(auditor):
        assert access.access_ledger(auditor, "region", "ledger.export").slug == "region"
        assert access.access_ledger(auditor, "city").slug == "city"
        with pytest.raises(NotYours):
            access.access_ledger(auditor, "city", "ledger.export")
    editor = world.people["own", "editor"]
    with acting(editor):
        appeal = world.appeals["region.roads"]
        assert access.access_appeal(editor, appeal.number) == appeal
        for key in (world.appeals["other.roads"].pk, world.appeals["other.roads"].number, 1, uuid4()):
            with pytest.raises(NotYours):
                access.access_appeal(editor, key)


def test_nobody_can_lend_themselves_what_is_not_theirs(world):
    from django.db import IntegrityError
    from django.utils import timezone

    from veche.service.accounts.acting import acting
    from veche.service.accounts.models import Delegation

    loan = {
        "tenant": world.tenants["region"],
        "to_tenant": world.tenants["region"],
        "appeal_id": world.appeals["other.lent_by_a_thief"].pk,
        "valid_from": timezone.now(),
    }
    with pytest.raises(IntegrityError), acting(world.people["own", "editor"]):
        Delegation.objects.create(**loan)


def test_nobody_can_hang_a_finding_of_theirs_on_an_appeal_of_another(world):
    from django.db import IntegrityError
    from django.utils import timezone

    from veche.service.accounts.acting import acting
    from veche.service.inbox.models import Finding

    finding = {
        "made_at": timezone.now(),
        "tenant": world.tenants["region"],
        "appeal": world.appeals["other.roads"],
        "facet": "topic",
        "value": "x",
        "maker_kind": "person",
    }
    with pytest.raises(IntegrityError), acting(world.people["own", "editor"]):
        Finding.objects.create(**finding)


# What the database says of itself: a new table fails here until it stands behind the walls.

TENANT_TABLES = """
SELECT c.oid::regclass::text, c.relrowsecurity, c.relforcerowsecurity,
    ARRAY(SELECT p.polcmd::text FROM pg_policy p
          WHERE p.polrelid = c.oid AND 'veche_app'::regrole = ANY (p.polroles))
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
"""


def tenant_tables(urls):
    with psycopg.connect(urls.owner) as connection:
        return connection.execute(TENANT_TABLES).fetchall()


def test_every_table_and_partition_of_a_tenant_stands_behind_forced_walls(urls):
    tables = tenant_tables(urls)
    assert {"inbox_appeal", "inbox_finding", "vault_sealed", "accounts_role"} <= {t[0] for t in tables}
    assert any(t[0].startswith("inbox_finding_20") for t in tables), "a partition"
    for name, enabled, forced, commands in tables:
        assert enabled, name
        assert forced, name
        assert "r" in commands, name


def test_without_a_tenant_every_table_is_empty_and_takes_nothing(world, urls):
    for url in (urls.web, urls.worker):
        with psycopg.connect(url, autocommit=True) as connection:
            for name, *_ in tenant_tables(urls):
                try:
                    found = connection.execute(f"SELECT count(*) FROM {name}").fetchone()
                except psycopg.errors.InsufficientPrivilege:
                    found = (0,)
                assert found == (0,), name
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(
                    "INSERT INTO inbox_channel (id, tenant_id, code, title, active)"
                    " VALUES (gen_random_uuid(), %s, 'mail', 'Mail', true)",
                    [world.tenants["region"].pk],
                )


def test_the_next_transaction_of_a_connection_acts_for_nobody(world):
    from veche.service.accounts.acting import acting
    from veche.service.inbox.models import Appeal

    with acting(world.people["above", "editor"]):
        assert Appeal.objects.exists()
    assert not Appeal.objects.exists()


def test_the_application_owns_nothing_and_passes_no_wall(urls):
    with psycopg.connect(urls.owner) as connection:
        strong = connection.execute(
            "SELECT rolname FROM pg_roles WHERE rolname IN ('veche_app', 'veche_web', 'veche_worker',"
            " 'veche_sealer') AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb)"
        ).fetchall()
        owned = connection.execute(
            "SELECT oid::regclass FROM pg_class WHERE relowner IN (SELECT oid FROM pg_roles WHERE rolname IN"
            " ('veche_app', 'veche_web', 'veche_worker', 'veche_sealer'))"
        ).fetchall()
        lent = connection.execute(
            "SELECT m.member::regrole FROM pg_auth_members m WHERE m.roleid = 'veche_owner'::regrole"
            " AND pg_has_role(m.member, 'veche_owner', 'member')"
            " AND m.member IN (SELECT oid FROM pg_roles WHERE NOT rolsuper)"
        ).fetchall()
    assert (strong, owned, lent) == ([], [], [])


def test_functions_with_the_owners_rights_are_fixed_and_not_for_everybody(urls):
    with psycopg.connect(urls.owner) as connection:
        rows = connection.execute(
            "SELECT p.oid::regprocedure::text, coalesce(p.proconfig::text, ''),"
            " EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a"
            "         WHERE a.grantee = 0 AND a.privilege_type = 'EXECUTE')"
            " FROM pg_proc p WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace"
        ).fetchall()
    assert "veche_enter(uuid)" in {row[0] for row in rows}
    for name, configured, public in rows:
        assert "search_path=public, pg_temp" in configured, name
        assert not public, name
