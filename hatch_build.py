"""Build hook: compiles the translations, and takes the libraries of charts and maps from `npm ci`."""

import shutil
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

REPORT = "src/veche/picture/assets"
SERVICE = "src/veche/service/static/vendor"

#: What the packages of npm give, and the folders that it is copied to: the report carries its charts in the
#: page, the live service serves them.
LIBRARIES = {
    "echarts/dist/echarts.min.js": (REPORT, SERVICE),
    "leaflet/dist/leaflet.js": (SERVICE,),
    "leaflet/dist/leaflet.css": (SERVICE,),
}


class VecheBuildHook(BuildHookInterface):
    """Makes the generated files that the wheel and an editable install need."""

    def initialize(self, version: str, build_data: dict) -> None:  # noqa: ARG002
        """Compile each `veche.po` to `veche.mo` and copy the libraries to where pages take them from."""
        root = Path(self.root)
        for po in sorted(root.glob("src/veche/locale/*/LC_MESSAGES/*.po")):
            with po.open("rb") as source:
                catalog = read_po(source)
            # Django looks for its catalogue under a name of its own.
            for mo in (po.with_suffix(".mo"), po.with_name("django.mo")):
                with mo.open("wb") as target:
                    write_mo(target, catalog)
        for name, folders in LIBRARIES.items():
            for folder in folders:
                _copy(root / "node_modules" / name, root / folder)


def _copy(source: Path, folder: Path) -> None:
    target = folder / source.name
    if source.exists():
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    elif not target.exists():
        raise SystemExit(f"{source.name} is missing. Run `npm ci` first.")
