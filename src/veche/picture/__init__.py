"""The picture: counts of appeals, protected for publication, and the report that shows them."""

from veche.picture.cube import build_cube

__all__ = ["build_cube"]
