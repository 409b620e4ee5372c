"""Intake: bytes of files and channels in, batches of appeals and a list of rejects out."""

from veche.intake.headers import FIELDS
from veche.intake.intake import NOT_BEFORE, Intake
from veche.intake.model import WARNINGS, Mapped, Reject, Source

__all__ = ["FIELDS", "NOT_BEFORE", "WARNINGS", "Intake", "Mapped", "Reject", "Source"]
