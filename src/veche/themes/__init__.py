"""Themes: what all appeals together say that nobody listed, from repeats to digests."""
