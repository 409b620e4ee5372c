"""Makes the reference pages of the documentation from the code: commands, columns, errors."""

import inspect
import sys
from pathlib import Path

import click

from veche.cli.app import make_app
from veche.core import errors
from veche.core.errors import VecheError
from veche.core.i18n import set_language
from veche.run import columns
from veche.service.accounts import policy

REFERENCE = Path(__file__).resolve().parent.parent / "docs" / "reference"
NOTE = "<!-- Made by tools/make_reference.py; change the code, then run `make reference`. -->\n\n"


def commands() -> str:
    """Return the page of commands: the help of each, as the terminal shows it."""
    set_language("en")
    parts = [NOTE + "# Commands\n"]

    def add(command: click.Command, path: list[str], parent: click.Context | None) -> None:
        context = click.Context(command, info_name=path[-1], parent=parent, terminal_width=100)
        parts.append(f"\n## {' '.join(path)}\n\n```text\n{command.get_help(context)}\n```\n")
        if isinstance(command, click.Group):
            for name in command.list_commands(context):
                inner = command.get_command(context, name)
                assert inner is not None
                add(inner, [*path, name], context)

    add(make_app(), ["veche"], None)
    return "".join(parts)


def all_columns() -> str:
    """Return the page of columns of the files that a run writes."""
    parts = [NOTE + "# Columns\n\n## appeals/*.parquet\n\nOne row per accepted appeal.\n\n"]
    parts.append(_table(columns.APPEALS))
    parts.append("\nThen, for each facet, five columns:\n\n" + _table(columns.FACET))
    parts.append("\nThe facets and their values:\n\n" + _table(columns.FACETS))
    parts.append(
        "\nWhere a model decides, each of its facets has another beside it, `{facet}_decided`, with "
    )
    parts.append("these values:\n\n" + _table(columns.DECIDED, "value"))
    parts.append(
        "\nA facet of the model whose name a run needs itself is written as `label_` and its name.\n"
    )
    parts.append("\n## findings/*.parquet\n\nOne row per appeal, matter, facet and rank.\n\n")
    parts.append(_table(columns.FINDINGS))
    parts.append("\n## themes.parquet\n\nOne row per theme and subtheme.\n\n" + _table(columns.THEMES))
    parts.append("\n## picture.parquet\n\nOne row per cell of the cube. A dimension that the grouping does ")
    parts.append("not name is null.\n\n" + _table(columns.PICTURE))
    parts.append("\n## alerts.parquet\n\nOne row per burst; none where there are too few days.\n\n")
    parts.append(_table(columns.ALERTS))
    parts.append("\n## theme_changes.parquet\n\nWritten where a run follows an earlier one.\n\n")
    parts.append(_table(columns.THEME_CHANGES))
    parts.append("\n## digest.json\n\nA list of quotations.\n\n" + _table(columns.DIGEST))
    parts.append("\n## digests.json\n\nThe positions of a theme, null where all take one:\n\n")
    parts.append(_table(columns.POSITIONS) + "\n## audit.json\n\n" + _table(columns.AUDIT))
    return "".join(parts)


def _table(rows: dict[str, str], what: str = "column") -> str:
    lines = [f"| {what} | what it holds |", "|---|---|"]
    lines += [f"| `{name}` | {meaning} |" for name, meaning in rows.items()]
    return "\n".join(lines) + "\n"


def all_errors() -> str:
    """Return the page of errors, by code."""
    found = [c for _, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, VecheError)]
    lines = [NOTE + "# Errors\n", "| code | message | what to do | exit status |", "|---|---|---|---|"]
    lines += [
        f"| {c.code} | {c.message} | {c.hint} | {c.exit_status} |"
        for c in sorted(found, key=lambda c: c.code)
    ]
    return "\n".join(lines) + "\n"


def roles() -> str:
    """Return the page of roles and what each may do."""
    return NOTE + policy.page()


PAGES = {
    "commands.md": commands,
    "columns.md": all_columns,
    "errors.md": all_errors,
    "roles.md": roles,
}


def main() -> None:
    """Write the pages."""
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        (REFERENCE / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
