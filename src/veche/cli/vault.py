"""`veche vault`: the keys that originals are locked with, and erasures on restored data."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from veche.cli.service import data_option, with_service
from veche.core.errors import OutputError, UsageError
from veche.core.formats import formats
from veche.core.i18n import _, language
from veche.core.library_words import reason


def make_command() -> click.Group:
    """Return the group of commands."""
    group = click.Group("vault", short_help=_("Look after the keys that originals are locked with."))
    group.add_command(
        _command("keys", _keys, _("List the master keys, and how many keys of persons each locks."))
    )
    group.add_command(
        _command("rotate", _rotate, _("Make a new master key and lock all keys of persons with it."))
    )
    group.add_command(
        _command(
            "forget", _forget, _("Drop earlier master keys; backups of their time no longer open."), _sure()
        )
    )
    out = click.Option(
        ["--out"],
        metavar=_("FILE"),
        required=True,
        type=click.Path(path_type=Path, dir_okay=False),
        help=_("The file to write; it must not be there yet."),
    )
    group.add_command(_command("copy", _copy, _("Write a recovery copy of the key file."), out))
    journal = click.Option(
        ["--journal"],
        metavar=_("FILE"),
        type=click.Path(path_type=Path, dir_okay=False, exists=True),
        help=_("The journal of erasures; without it, the one in the data folder."),
    )
    group.add_command(_command("erase", _erase, _("Erase all that names a person."), *_erasing()))
    group.add_command(_command("replay", _replay, _("Erase again whom restored data brought back."), journal))
    return group


def _erasing() -> list[click.Parameter]:
    return [
        click.Argument(["number"], metavar=_("NUMBER")),
        click.Option(
            ["--by"],
            metavar=_("E-MAIL"),
            required=True,
            help=_("Who erases: an administrator of the authority that has the appeal."),
        ),
        click.Option(
            ["--reason"],
            metavar=_("TEXT"),
            required=True,
            help=_("Why; name a document, not the person."),
        ),
        click.Option(
            ["--out"],
            metavar=_("FOLDER"),
            required=True,
            type=click.Path(path_type=Path, file_okay=False),
            help=_("Where the certificate is written, as text in each language and as JSON."),
        ),
        _sure(),
    ]


def _sure() -> click.Option:
    return click.Option(["--yes"], is_flag=True, help=_("Do not ask."))


def _command(name: str, callback: Callable[..., None], help: str, *params: click.Parameter) -> click.Command:
    return click.Command(
        name, callback=with_service(callback), short_help=help, params=[data_option(), *params]
    )


def _keys(*, data: Path) -> None:
    with _inside(data) as key_file:
        from veche.service.vault.keyfile import read_key_file
        from veche.service.vault.rotate import key_uses

        uses = key_uses(read_key_file(key_file))
    number = formats(language()).number
    for use in uses:
        state = _("in force") if use.in_force else _("earlier") if use.in_file else _("not in the key file")
        click.echo(f"{use.name}  {number(use.persons):>12}  {state}")


def _rotate(*, data: Path) -> None:
    number = formats(language()).number

    def told(done: int) -> None:
        click.echo(_("{count} keys so far").format(count=number(done)), err=True)

    with _inside(data) as key_file:
        from veche.service.vault.rotate import rotate

        done = rotate(key_file, progress=told)
    click.echo(_("{count} keys of persons are locked with the new master key.").format(count=number(done)))
    click.echo(
        _("Write a new recovery copy now: veche vault copy --data {data} --out FILE").format(data=data)
    )


def _forget(*, data: Path, yes: bool) -> None:
    question = _("Backups made before the last rotation then open only with a recovery copy of their time.")
    if not _agreed(f"{question} {_('Go on?')}", yes):
        return
    with _inside(data) as key_file:
        from veche.service.vault.rotate import forget

        dropped = forget(key_file)
    click.echo(_("Earlier master keys dropped: {count}").format(count=dropped))


def _copy(*, data: Path, out: Path) -> None:
    from veche.service.ground.keys import vault_key_file
    from veche.service.ground.opened import open_existing
    from veche.service.vault.keyfile import read_key_file

    key_file = vault_key_file(open_existing(data).home)
    read_key_file(key_file)
    if out.exists():
        raise UsageError(problem=_("{path} is there already; name a new file.").format(path=out))
    try:
        handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as target, key_file.open("rb") as source:
            shutil.copyfileobj(source, target)
            target.flush()
            os.fsync(handle)
    except OSError as error:
        raise OutputError(path=out, reason=reason(error)) from None
    click.echo(_("The recovery copy is in {path}.").format(path=out))
    click.echo(
        _(
            "Keep it on a medium of its own, in a safe, away from this machine and from every backup: "
            "with a backup it opens all originals, and without it a lost key file loses them all."
        )
    )


def _erase(*, data: Path, number: str, by: str, reason: str, out: Path, yes: bool) -> None:
    from veche.core.errors import NoSuchPerson
    from veche.service.inbox.numbers import read

    asked = read(number)
    out.mkdir(parents=True, exist_ok=True)
    with _inside(data):
        from veche.service.accounts.acting import acting
        from veche.service.accounts.models import User
        from veche.service.inbox.models import Appeal
        from veche.service.vault.certificate import as_json, as_pages
        from veche.service.vault.erase import erase_person

        user = User.objects.filter(email=by.lower(), is_active=True).first()
        appeal = Appeal.objects.filter(number=asked).first()
        if user is None or appeal is None:
            raise NoSuchPerson
        appeals = Appeal.objects.filter(person=appeal.person_id).count()
        question = _("Erase the author of appeal {number}, with {count} appeals in all? It cannot be undone.")
        if not _agreed(question.format(number=number, count=appeals), yes):
            return
        with acting(user):
            erasure = erase_person(appeal.person_id, by=user, reason=reason)
        stated, pages = as_json(erasure), as_pages(erasure)
    _write_certificate(out, stated, pages)


def _write_certificate(out: Path, stated: dict[str, Any], pages: dict[str, str]) -> None:
    name = f"erasure-{stated['certificate']}"
    (out / f"{name}.json").write_text(json.dumps(stated, ensure_ascii=False, indent=1) + "\n")
    for lang, page in pages.items():
        (out / f"{name}.{lang}.txt").write_text(page)
    click.echo(pages[language()])
    click.echo(_("The certificate is in {path}.").format(path=out))


def _agreed(question: str, yes: bool) -> bool:
    if yes or click.confirm(question):
        return True
    click.echo(_("Nothing was changed."))
    return False


def _replay(*, data: Path, journal: Path | None) -> None:
    with _inside(data):
        from veche.service.ground.layout import Home
        from veche.service.vault.erase import Replayed, replay_erasures
        from veche.service.vault.journal import NAME

        kept = journal or Home(data.resolve()).ledger / NAME
        # A service that never erased anybody has no journal.
        replayed = replay_erasures(kept) if kept.exists() else Replayed()
    number = formats(language()).number
    for words, count in (
        (_("erased again: {count}"), replayed.erased),
        (_("erased already: {count}"), replayed.already),
        (_("not in this data: {count}"), replayed.absent),
    ):
        click.echo(words.format(count=number(count)))


@contextmanager
def _inside(data: Path) -> Iterator[Path]:
    """Let this process work on the database of a service, as its owner; return the vault's key file."""
    from veche.service.ground.keys import vault_key_file
    from veche.service.ground.managing import reached
    from veche.service.ground.opened import open_existing

    ground = open_existing(data)
    with reached(ground) as urls:
        import django

        os.environ.update(ground.environment(urls.owner))
        django.setup()
        from django.db import connections

        try:
            yield vault_key_file(ground.home)
        finally:
            pooled: Any = connections["default"]
            pooled.close()
            pooled.close_pool()
