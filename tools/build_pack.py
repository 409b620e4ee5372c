"""Makes the generated files of a pack: `forms.tsv`, the case forms of its place names.

    python tools/build_pack.py packs/ru [--check]

With --check nothing is written; the exit status is 1 where the file is not what would be written.
"""

import argparse
from pathlib import Path

from veche.packs import forms


def main() -> int:
    """Write or check the forms of one pack."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pack", type=Path)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    target = arguments.pack / forms.territories.FORMS
    made = forms.build(arguments.pack)
    if arguments.check:
        return int(not target.exists() or target.read_text("utf-8") != made)
    target.write_text(made, "utf-8", newline="\n")
    print(f"{target}: {made.count(chr(10)) - 1} territories")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
