"""`veche report`: writes the report and the audit page of a finished run again, in another language."""

from pathlib import Path

import click

from veche.core.errors import CannotResume
from veche.core.i18n import LANGUAGES, _, language, set_language


def make_command() -> click.Command:
    """Return the command."""
    return click.Command(
        "report",
        callback=_report,
        short_help=_("Write the report of a finished run again, for example in another language."),
        params=[
            click.Argument(["folder"], metavar=_("FOLDER"), type=click.Path(path_type=Path)),
            click.Option(["--lang"], type=click.Choice(LANGUAGES), help=_("Language of the report.")),
            click.Option(
                ["--pack"], metavar=_("PACK"), help=_("The pack, where it is not one that came with veche.")
            ),
        ],
    )


def _report(*, folder: Path, lang: str | None, pack: str | None) -> None:
    from veche.packs import load_pack
    from veche.picture import write_report
    from veche.run import manifest as manifests
    from veche.run.audited import translate_page

    if lang:
        set_language(lang)
    manifest = manifests.read(folder)
    if manifest is None:
        raise CannotResume(path=folder, reason=_("it holds no finished run"))
    loaded = load_pack(pack or manifest["pack"]["code"])
    translate_page(folder, pack=loaded)
    click.echo(write_report(folder, pack=loaded, manifest=manifest, language=lang or language()))
