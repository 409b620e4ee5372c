"""`veche vault`: the keys that originals are locked with, and erasures on restored data."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from veche.cli.service import data_option, with_service
from veche.core.errors import OutputError
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
        _command("forget", _forget, _("Drop earlier master keys; backups of their time no longer open."))
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
    group.add_command(_command("replay", _replay, _("Erase again whom restored data brought back."), journal))
    return group


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


def _forget(*, data: Path) -> None:
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


def _replay(*, data: Path, journal: Path | None) -> None:
    with _inside(data):
        from veche.service.ground.layout import Home
        from veche.service.vault.erase import replay_erasures
        from veche.service.vault.journal import NAME

        replayed = replay_erasures(journal or Home(data.resolve()).ledger / NAME)
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
