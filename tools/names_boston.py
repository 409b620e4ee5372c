"""Writes the lists of names that the pack of Boston masks people by, from those of the US Census of 1990.

    uv run --with names==0.3.0 tools/names_boston.py

The Census published names with their frequency; it is in the public domain. The package `names` (MIT)
carries its files. A name that is an everyday word in small letters ("street", "bill") is left out: the few
of them that matter are in `veche.stages.name_words`.
"""

from importlib.resources import files
from pathlib import Path

from veche.stages.tokens import build_tokenizer

FOLDER = Path(__file__).resolve().parent.parent / "packs" / "boston" / "names"

#: File of the package, file of the pack, how many of the most frequent names, what the list is.
LISTS = (
    ("dist.all.last", "surnames_census.txt", 6000, "Surnames"),
    ("dist.female.first", "first_names_census_women.txt", 1200, "First names of women"),
    ("dist.male.first", "first_names_census_men.txt", 900, "First names of men"),
)


def main() -> None:
    """Write the three lists."""
    words = build_tokenizer().get_vocab()
    for source, target, most, title in LISTS:
        lines = (files("names") / source).read_text().splitlines()[:most]
        names = [line.split()[0].lower() for line in lines]
        kept = [name for name in names if f"▁{name}" not in words and len(name) > 2]
        head = f"# {title} of the US Census of 1990, the {most} most frequent, everyday words left out.\n"
        (FOLDER / target).write_text(head + "\n".join(kept) + "\n")


if __name__ == "__main__":
    main()
