"""Commands of the live service."""
