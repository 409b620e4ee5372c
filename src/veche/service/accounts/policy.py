"""What each role may do: one table, and one question asked of it.

Nothing here reads the database. `access` finds the grants of a person and the facts of a thing, asks `may`,
and narrows lists by the same table. A change of rights is a change of `ACTIONS` and of nothing else.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

#: In the order in which pages show them.
ROLES = ("editor", "analyst", "official", "controller", "administrator", "auditor")

_ALL = frozenset(ROLES)
_READERS = frozenset({"editor", "analyst", "official", "controller", "auditor"})


@dataclass(frozen=True)
class Action:
    """One thing that may be done, and who may do it where their role holds."""

    meaning: str
    roles: frozenset[str]
    #: Whether the role also reaches the tenants below its own. Only what reads does.
    below: bool = False
    #: Whether it may be done with an appeal that another tenant lent.
    lent: bool = False
    #: Whether a role narrowed to a territory or a body is enough, for what it is narrowed to.
    narrowed: bool = False


def _roles(*names: str) -> frozenset[str]:
    return frozenset(names)


ACTIONS: dict[str, Action] = {
    "appeal.list": Action("find appeals and see their masked text", _READERS, True, True, True),
    "appeal.see": Action("see one appeal with its findings, masked", _READERS, True, True, True),
    "original.see": Action(
        "see what the person wrote, unmasked, for a reason that is recorded",
        _roles("editor", "official"),
        lent=True,
        narrowed=True,
    ),
    "finding.decide": Action(
        "decide what an appeal is about, over the machine",
        _roles("editor", "official", "controller"),
        lent=True,
        narrowed=True,
    ),
    "decision.check": Action(
        "check samples of what the system decided alone",
        _roles("editor", "official", "controller"),
        narrowed=True,
    ),
    "decision.see": Action(
        "see who decided what; one's own decisions everybody sees",
        _roles("editor", "official", "controller", "auditor"),
        below=True,
        narrowed=True,
    ),
    "appeal.withdraw": Action("withdraw an appeal for its author", _roles("editor"), narrowed=True),
    "appeal.hand_in": Action(
        "hand in an appeal for a person, as an operator", _roles("editor"), narrowed=True
    ),
    "appeal.lend": Action("lend an appeal to another authority", _roles("editor", "controller")),
    "import.start": Action("bring a file of appeals", _roles("editor", "administrator")),
    "aside.see": Action(
        "see which appeals were set aside, and why",
        _roles("editor", "controller", "administrator", "auditor"),
        below=True,
        narrowed=True,
    ),
    "aside.retry": Action(
        "have an appeal that was set aside tried again", _roles("editor", "administrator"), narrowed=True
    ),
    "picture.see": Action("see counts, trends and themes", _ALL, below=True, narrowed=True),
    "theme.sign": Action(
        "search for themes, name, merge, split, pin, drop and sign them", _roles("editor", "analyst")
    ),
    "annotation.write": Action(
        "note on the time line what happened", _roles("analyst", "controller", "administrator")
    ),
    "mailing.set": Action(
        "have the picture sent to people of the authority by mail",
        _roles("analyst", "controller", "administrator"),
    ),
    "picture.small_cells": Action(
        "see small numbers of the picture as they are",
        _READERS,
        below=True,
        narrowed=True,
    ),
    "people.see": Action(
        "see who has which role", _roles("controller", "administrator", "auditor"), below=True
    ),
    "people.grant": Action("grant and end roles, sign people out", _roles("administrator")),
    "tokens.manage": Action("make and revoke tokens of channels", _roles("administrator")),
    "channels.manage": Action("open and close channels", _roles("administrator")),
    "ledger.see": Action("read the ledger", _roles("controller", "administrator", "auditor"), below=True),
    "ledger.export": Action(
        "take the ledger out, to verify it elsewhere", _roles("administrator", "auditor")
    ),
    "person.erase": Action("erase all that names a person", _roles("administrator")),
    "retention.set": Action("set after how many days names are erased", _roles("administrator")),
}


@dataclass(frozen=True)
class Grant:
    """A role that a person was given: where, from when to when, narrowed to what ("" for nothing)."""

    role: str
    tenant: UUID
    valid_from: datetime
    valid_to: datetime | None = None
    territory: str = ""
    body: str = ""

    @property
    def whole(self) -> bool:
        """Whether it is narrowed to nothing."""
        return not self.territory and not self.body


@dataclass(frozen=True)
class Loan:
    """An appeal was lent to a tenant, from when to when."""

    tenant: UUID
    valid_from: datetime
    valid_to: datetime | None = None


@dataclass(frozen=True)
class Target:
    """What something is done to. Without a territory and a body it is a thing of the tenant as a whole."""

    tenant: UUID
    #: The tenants above it in the tree.
    above: frozenset[UUID] = frozenset()
    territory: str | None = None
    body: str | None = None
    loans: tuple[Loan, ...] = ()


def may(grants: Iterable[Grant], action: str, target: Target, *, at: datetime) -> bool:
    """Tell whether a person with these grants may do this to that, at a moment.

    Raises:
        KeyError: there is no such action.
    """
    rule = ACTIONS[action]
    return any(_reaches(grant, rule, target, at) for grant in grants if suits(grant, rule, at=at))


def suits(grant: Grant, rule: Action, *, at: datetime) -> bool:
    """Tell whether a grant is of a role that may do this, valid at a moment, and not too narrow."""
    return grant.role in rule.roles and _holds(grant, at) and (grant.whole or rule.narrowed)


def _holds(dated: Grant | Loan, at: datetime) -> bool:
    return dated.valid_from <= at and (dated.valid_to is None or at < dated.valid_to)


def _reaches(grant: Grant, rule: Action, target: Target, at: datetime) -> bool:
    if grant.tenant == target.tenant:
        return grant.whole or _within(grant, target)
    if not grant.whole:
        return False
    if rule.below and grant.tenant in target.above:
        return True
    return rule.lent and any(loan.tenant == grant.tenant and _holds(loan, at) for loan in target.loans)


def _within(grant: Grant, target: Target) -> bool:
    if target.territory is None and target.body is None:
        return True
    territory = target.territory or ""
    inside = territory == grant.territory or territory.startswith(grant.territory + "/")
    return (not grant.territory or inside) and (not grant.body or target.body == grant.body)


def page() -> str:
    """Return the reference page of roles, in Markdown."""
    lines = [
        "# Roles\n",
        "A role is granted to a person in one authority, from a day to a day. It may be narrowed to",
        "a territory, to a body, or to both; then it reaches only appeals of that territory and body.\n",
        "| action | who may | | | |",
        "|---|---|---|---|---|",
        "| | | in authorities below | with a lent appeal | with a narrowed role |",
    ]
    for name, rule in ACTIONS.items():
        roles = ", ".join(role for role in ROLES if role in rule.roles)
        marks = " | ".join("yes" if yes else "–" for yes in (rule.below, rule.lent, rule.narrowed))
        lines.append(f"| `{name}`: {rule.meaning} | {roles} | {marks} |")
    lines.append("\n## By role\n")
    for role in ROLES:
        held = ", ".join(f"`{name}`" for name, rule in ACTIONS.items() if role in rule.roles)
        lines.append(f"- **{role}**: {held}")
    return "\n".join(lines) + "\n"
