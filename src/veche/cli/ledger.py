"""`veche ledger`: exports the chain of a tenant, and checks an export with nothing but a public key."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from veche.cli.service import data_option, with_service
from veche.core.i18n import _, language, ngettext

if TYPE_CHECKING:
    from veche.ledger.verify import Whole

#: Bytes of one line; a longer one is no line of ours and is read in pieces.
_LINE = 1 << 20


def make_command() -> click.Group:
    """Return the group of commands."""
    group = click.Group("ledger", short_help=_("Export the record of what was done, and check an export."))
    group.add_command(_export_command())
    group.add_command(_verify_command())
    return group


def _export_command() -> click.Command:
    return click.Command(
        "export",
        callback=with_service(_export),
        short_help=_("Write the ledger of an authority into a file."),
        help=_(
            "Write the whole ledger of an authority into a file, closed by a statement that the service "
            "signs. The service has to run."
        ),
        params=[
            data_option(),
            click.Option(
                ["--tenant"],
                metavar=_("NAME"),
                required=True,
                help=_("Short name of the authority; “platform” for what belongs to none."),
            ),
            click.Option(
                ["--out"],
                metavar=_("FILE"),
                required=True,
                type=click.Path(path_type=Path, dir_okay=False),
                help=_("The file to write."),
            ),
        ],
    )


def _verify_command() -> click.Command:
    return click.Command(
        "verify",
        callback=_verify,
        short_help=_("Check that nothing in an export was changed, removed, inserted or cut off."),
        help=_("Check FILE and name the first place that is not as it was written. Needs no service.")
        + "\n\n"
        + _("Exit status: 0 whole, 3 not as it was written, 2 a file cannot be used."),
        params=[
            click.Argument(["file"], metavar=_("FILE"), type=click.Path(path_type=Path)),
            click.Option(
                ["--public-key", "public_keys"],
                metavar=_("FILE"),
                required=True,
                multiple=True,
                type=click.Path(path_type=Path),
                help=_("The key that signed it; several where it was changed."),
            ),
            click.Option(
                ["--heads"],
                metavar=_("FILE"),
                type=click.Path(path_type=Path),
                help=_("Heads that were kept outside the database: shows what was cut off there."),
            ),
        ],
    )


def _export(*, data: Path, tenant: str, out: Path) -> None:
    import psycopg

    from veche.core.formats import formats
    from veche.service.ground.managing import reached
    from veche.service.ground.opened import open_existing
    from veche.service.ledger.export import export

    with (
        reached(open_existing(data)) as urls,
        psycopg.connect(urls.worker, autocommit=True) as connection,
    ):
        n = export(connection, tenant, out)
    said = ngettext("{file}: {n} entry", "{file}: {n} entries", n)
    click.echo(said.format(file=out, n=formats(language()).number(n)))


def _verify(*, file: Path, public_keys: tuple[Path, ...], heads: Path | None) -> None:
    from veche.core.errors import LedgerTampered, LedgerUnreadable
    from veche.ledger.findings import Finding
    from veche.ledger.seals import load_public_keys
    from veche.ledger.verify import read_heads, tenant_of, verify

    keys = load_public_keys(public_keys)
    export = _lines(file)
    seals = read_heads(_lines(heads)(), keys, tenant_of(export)) if heads else []
    try:
        found = seals if isinstance(seals, Finding) else verify(export, keys, seals)
    except LedgerUnreadable as error:
        raise LedgerUnreadable(path=file, reason=error.facts["reason"]) from None
    if isinstance(found, Finding):
        raise LedgerTampered(
            file=heads if found.in_heads else file,
            line=found.line,
            problem=found.problem(),
            advice=found.advice(),
        )
    click.echo(_summary(found))


def _summary(whole: "Whole") -> str:
    from veche.core.formats import formats

    n, statement = whole.statement.seq, whole.statement
    said = ngettext("Whole: {n} entry of {tenant}.", "Whole: {n} entries of {tenant}.", n)
    lines = [said.format(n=formats(language()).number(n), tenant=statement.tenant)]
    if whole.last_at:
        lines.append(_("Last entry: {at}").format(at=whole.last_at))
    lines.append(_("Signed: {at}, key {key}").format(at=statement.at, key=statement.key))
    if whole.heads:
        held = ngettext(
            "It agrees with {n} seal from outside.", "It agrees with {n} seals from outside.", whole.heads
        )
        lines.append(held.format(n=formats(language()).number(whole.heads)))
    return "\n".join(lines)


def _lines(path: Path) -> Callable[[], Iterator[bytes]]:
    """Return what opens the lines of a file anew.

    Raises (when they are read):
        LedgerUnreadable: the file cannot be read.
    """

    def read() -> Iterator[bytes]:
        from veche.core.errors import LedgerUnreadable
        from veche.core.library_words import reason

        try:
            with path.open("rb") as f:
                while line := f.readline(_LINE):
                    yield line
        except OSError as error:
            raise LedgerUnreadable(path=path, reason=reason(error)) from None

    return read
