"""Build hook: compiles the translations and takes the chart library from what `npm ci` installed."""

import shutil
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CHARTS = "node_modules/echarts/dist/echarts.min.js"


class VecheBuildHook(BuildHookInterface):
    """Makes the generated files that the wheel and an editable install need."""

    def initialize(self, version: str, build_data: dict) -> None:  # noqa: ARG002
        """Compile each `veche.po` to `veche.mo` and copy the chart library beside the report."""
        root = Path(self.root)
        for po in sorted(root.glob("src/veche/locale/*/LC_MESSAGES/*.po")):
            with po.open("rb") as source:
                catalog = read_po(source)
            # Django looks for its catalogue under a name of its own.
            for mo in (po.with_suffix(".mo"), po.with_name("django.mo")):
                with mo.open("wb") as target:
                    write_mo(target, catalog)
        asset = root / "src/veche/picture/assets/echarts.min.js"
        if (root / CHARTS).exists():
            asset.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(root / CHARTS, asset)
        elif not asset.exists():
            raise SystemExit("The chart library is missing. Run `npm ci` first.")
