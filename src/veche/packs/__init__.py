"""Packs: what a country or a city knows, loaded from folders that a non-programmer edits."""
