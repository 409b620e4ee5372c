"""Veche: hears a country's appeals and shows what worries whom and where."""

__version__ = "0.1.0"
