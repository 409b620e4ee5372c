"""A person signs off: decisions about the themes of a run are read from a page, followed, and recorded.

`write_page` writes the page that a person edits, `sign` follows it. The machine's themes are kept, so a
decision can be taken back; the findings of the machine stay beside those of the person. `carry` brings
decisions over to a later run.
"""

from veche.themes.signoff.decisions import PAGE, Decisions, read_decisions
from veche.themes.signoff.held import Held, held_in, read_held
from veche.themes.signoff.later import carry
from veche.themes.signoff.page import write_page
from veche.themes.signoff.regroup import ASIDE, Tools
from veche.themes.signoff.sign import Signed, sign

__all__ = [
    "ASIDE",
    "PAGE",
    "Decisions",
    "Held",
    "Signed",
    "Tools",
    "carry",
    "held_in",
    "read_decisions",
    "read_held",
    "sign",
    "write_page",
]
