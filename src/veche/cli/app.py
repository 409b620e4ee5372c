"""The `veche` command: its groups of commands and its help."""

import click

import veche
from veche.cli import (
    audit,
    backup,
    completion,
    doctor,
    evaluate,
    explain,
    learn,
    ledger,
    manage,
    models,
    original,
    pack,
    report,
    reprocess,
    restore,
    run,
    sample,
    themes,
    train,
    up,
    upgrade,
    vault,
)
from veche.core.i18n import _


class _Sections(click.Group):
    """A group whose help shows the commands under headings, each with an example."""

    sections: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, commands in self.sections:
            with formatter.section(title):
                rows = []
                for name, example in commands:
                    command = self.get_command(ctx, name)
                    assert command is not None
                    rows.append((name, f"{command.get_short_help_str(200)}\n\n{example}"))
                formatter.write_dl(rows)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return [name for _title, commands in self.sections for name, _example in commands]


def make_app() -> click.Group:
    """Return the whole command line in the language in force."""
    app = _Sections(
        "veche",
        help=_("Hears a country's appeals and shows what worries whom and where."),
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
        params=[],
    )
    app = click.version_option(veche.__version__, "--version", message="veche %(version)s")(app)
    app.sections = (
        (
            _("Understand appeals"),
            (
                ("run", "veche run appeals.csv --pack ru --out result"),
                ("report", "veche report result --lang en"),
                ("themes", "veche themes edit result"),
                ("audit", "veche audit digest.md result --out audit.html"),
                ("original", _('veche original result APPEAL_ID --reason "check of complaint 17"')),
            ),
        ),
        (
            _("Learn from people's decisions"),
            (
                ("train", _("veche train history.xlsx --label topic=Topic --out topics.model")),
                ("evaluate", _("veche evaluate --cv 5 history.xlsx --label topic=Topic --out evaluation")),
                ("learn", "veche learn topics.model corrections.xlsx --run result --out topics.model"),
                ("explain", _('veche explain topics.model --text "The lamp at our corner is dark."')),
                ("models", "veche models list topics.model"),
            ),
        ),
        (
            _("Packs and sample appeals"),
            (
                ("pack", "veche pack check packs/ru"),
                ("sample", "veche sample --pack ru --n 20000 --out appeals.jsonl"),
            ),
        ),
        (
            _("The live service"),
            (
                ("up", "veche up --data service --port 8000"),
                ("manage", "veche manage --data service check --deploy"),
                (
                    "reprocess",
                    "veche reprocess --data service --facet topic --since 2026-01-01 --dry-run",
                ),
                ("ledger", "veche ledger verify export.jsonl --public-key public.pem"),
                ("vault", "veche vault copy --data service --out /media/safe/vault.key"),
                ("backup", "veche backup --data service --out /media/backup/service.tar"),
                ("restore", "veche restore service.tar --data new --keys vault.key"),
                ("doctor", "veche doctor --data service"),
                ("upgrade", "veche upgrade --data service"),
            ),
        ),
        (_("Your shell"), (("completion", 'eval "$(veche completion bash)"'),)),
    )
    for module in (
        run,
        report,
        audit,
        themes,
        original,
        train,
        evaluate,
        explain,
        learn,
        models,
        pack,
        sample,
        up,
        manage,
        reprocess,
        ledger,
        vault,
        backup,
        restore,
        doctor,
        upgrade,
        completion,
    ):
        app.add_command(module.make_command())
    _word_help(app)
    return app


def _word_help(command: click.Command) -> None:
    """Give a command's help what click leaves out: what it is for, and a usage line in our language."""
    command.help = command.help or command.short_help
    command.options_metavar = _("[OPTIONS]")
    if isinstance(command, click.Group):
        command.subcommand_metavar = _("COMMAND [ARGS]...")
        for inner in command.commands.values():
            _word_help(inner)
