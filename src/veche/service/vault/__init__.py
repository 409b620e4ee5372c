"""Originals under a key per person: sealing, looking, erasing, keeping no longer than allowed."""
