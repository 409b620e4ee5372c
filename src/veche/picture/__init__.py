"""The picture: counts of appeals, protected for publication, and the report that shows them."""

from veche.picture.cube import build_cube
from veche.picture.report import write_report

__all__ = ["build_cube", "write_report"]
