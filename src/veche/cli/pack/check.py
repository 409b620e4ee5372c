"""`veche pack check`: what to mend in each pack, then the counts."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

import click

from veche.core.errors import PackError
from veche.core.formats import formats
from veche.core.i18n import _, language, ngettext
from veche.packs import Problem, check


@dataclass
class _Checked:
    """What was found in one pack; `error` is what kept it from being read at all."""

    path: str
    problems: list[Problem] = field(default_factory=list)
    error: PackError | None = None

    @property
    def n(self) -> int:
        return len(self.problems) + (self.error is not None)


def check_packs(paths: tuple[str, ...], *, as_json: bool) -> int:
    """Check the packs, print what to mend in each, and return the exit status: 1 where there is anything."""
    checked = [_checked(path) for path in dict.fromkeys(paths)]
    if as_json:
        click.echo(json.dumps([_as_json(one) for one in checked], ensure_ascii=False, indent=2))
    else:
        _print(checked)
    return 1 if any(one.n for one in checked) else 0


def _checked(path: str) -> _Checked:
    try:
        return _Checked(path, check(path))
    except PackError as error:
        return _Checked(path, error=error)


def _print(checked: list[_Checked]) -> None:
    for one in checked:
        if one.n and len(checked) > 1:
            click.secho(one.path, bold=True)
        if one.error:
            click.echo(f"{one.error.text()}  [{one.error.code}]")
            click.echo(f"    {one.error.advice()}")
        for problem in one.problems:
            click.echo(problem)
            if problem.hint:
                click.echo(f"    {problem.hint}")
        if one.n and len(checked) > 1:
            click.echo()
    for one in checked:
        click.echo(_count(one))


def _count(one: _Checked) -> str:
    if one.error:
        return _("{path}: cannot be read.").format(path=one.path)
    if not one.problems:
        return _("{path}: nothing to mend.").format(path=one.path)
    number = formats(language()).number
    serious = sum(1 for problem in one.problems if problem.serious)
    told = ngettext("{path}: {n} thing to mend.", "{path}: {n} things to mend.", len(one.problems)).format(
        path=one.path, n=number(len(one.problems))
    )
    if not serious:
        return told + " " + _("The pack can be used as it is.")
    kept = ngettext("{n} of them keeps it from being used.", "{n} of them keep it from being used.", serious)
    return told + " " + kept.format(n=number(serious))


def _as_json(one: _Checked) -> dict[str, Any]:
    told: dict[str, Any] = {"pack": one.path, "problems": [asdict(problem) for problem in one.problems]}
    if one.error:
        told["error"] = {"code": one.error.code, "message": one.error.text(), "hint": one.error.advice()}
    return told
