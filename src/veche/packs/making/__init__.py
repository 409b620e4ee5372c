"""Makes a new pack from a person's answers."""
