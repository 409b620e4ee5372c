"""`veche original`: shows the original text of one appeal, and writes down who looked and why."""

import datetime as dt
import getpass
import json
from pathlib import Path

import click

from veche.core.errors import UsageError
from veche.core.i18n import _

#: Each look at an original adds a line here.
LOOKS = "looks.jsonl"


def make_command() -> click.Command:
    """Return the command."""
    return click.Command(
        "original",
        callback=_original,
        short_help=_("Show the original text of one appeal of a run made with --keep-original."),
        help=_(
            "Show the original text of one appeal. Each look is written down with its reason in looks.jsonl."
        ),
        params=[
            click.Argument(
                ["folder"],
                metavar=_("FOLDER"),
                type=click.Path(path_type=Path, file_okay=False, exists=True),
            ),
            click.Argument(["appeal_id"], metavar=_("APPEAL_ID")),
            click.Option(["--reason"], metavar=_("TEXT"), required=True, help=_("Why you need to see it.")),
        ],
    )


def _original(*, folder: Path, appeal_id: str, reason: str) -> None:
    import duckdb

    from veche.core.keys import derive, key_path, load_key, unseal

    originals = folder / "originals"
    if not originals.is_dir():
        raise UsageError(
            problem=_("{path} holds no originals; they are kept only with --keep-original.").format(
                path=folder
            )
        )
    found = duckdb.execute(
        "select sealed_text from read_parquet(?) where appeal_id = ?",
        [str(originals / "*.parquet"), appeal_id],
    ).fetchone()
    if found is None:
        raise UsageError(problem=_("{path} holds no appeal {id}.").format(path=folder, id=appeal_id))
    text = unseal(derive(load_key(key_path()), "originals"), appeal_id, found[0])
    look = {
        "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "by": getpass.getuser(),
        "appeal_id": appeal_id,
        "reason": reason,
    }
    with (folder / LOOKS).open("a", encoding="utf-8") as f:
        f.write(json.dumps(look, ensure_ascii=False) + "\n")
    click.echo(text)
