"""The representation audit: how well a digest speaks for the people whose appeals it stands for.

Compares any digest with random samples of as many appeals, in all and for each group, by an encoder of
its own. Chooses nothing and changes nothing; quotations are chosen in `themes`.
"""

from veche.audit.compare import PANEL, audit, audit_texts, panel
from veche.audit.judge import Audit, Compared, Group
from veche.audit.measure import SAMPLES, Voices
from veche.audit.whole import Whole, audit_file

__all__ = [
    "PANEL",
    "SAMPLES",
    "Audit",
    "Compared",
    "Group",
    "Voices",
    "Whole",
    "audit",
    "audit_file",
    "audit_texts",
    "panel",
]
