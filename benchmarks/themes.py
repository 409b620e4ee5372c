"""Measures the themes against their peers, on the same vectors, and prints a table for each part.

    VECHE_DATA=... .venv/bin/python benchmarks/themes.py [PART...]

BERTopic runs in an environment of its own, which is made on first use (themes_peers.py).
"""

import sys
from collections.abc import Callable
from typing import Any

from measure import data_folder, write_results
from themes_audit import measure_audit
from themes_following import measure_following
from themes_gambling import measure_gambling
from themes_nhs import measure_nhs
from themes_polis import measure_polis
from themes_speed import measure_speed
from themes_stability import measure_stability

#: Part: measures it, prints its table, returns what is written to the results.
PARTS: dict[str, Callable[[], dict[str, Any]]] = {
    "nhs": measure_nhs,
    "stability": measure_stability,
    "speed": measure_speed,
    "audit": measure_audit,
    "following": measure_following,
    "polis": measure_polis,
    "gambling": measure_gambling,
}


def main() -> None:
    """Measure the parts named, or all."""
    chosen = sys.argv[1:] or list(PARTS)
    unknown = sorted(set(chosen) - set(PARTS))
    if unknown:
        raise SystemExit(f"No such part: {', '.join(unknown)}. There are: {', '.join(PARTS)}.")
    data_folder()
    for part in chosen:
        print(f"\n{part}\n")
        write_results(f"themes-{part}", PARTS[part]())


if __name__ == "__main__":
    main()
