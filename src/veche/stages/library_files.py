"""Where the model files of installed packages lie. They are read in place: nothing is fetched or cached."""

import importlib.util
from pathlib import Path

from veche.core.errors import MissingLibrary


def library_file(module: str, *parts: str, stage: str, package: str) -> Path:
    """Return the file at `parts` inside the installed `module`, which is not imported for it.

    Raises:
        MissingLibrary: `package`, which brings the module, is not installed or lacks the file.
    """
    spec = importlib.util.find_spec(module)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder, *parts)
        if path.is_file():
            return path
    raise MissingLibrary(stage=stage, package=package, install=package)
