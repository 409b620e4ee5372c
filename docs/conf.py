"""Sphinx configuration: `make docs` builds the pages into build/docs."""

project = "Veche"
author = "The Veche authors"
copyright = "2026, The Veche authors"
extensions = ["myst_parser"]
html_theme = "furo"
html_title = "Veche"
# Help in other languages is shown by the service alone.
exclude_patterns = ["_build", "help/ru"]
myst_heading_anchors = 3
