"""Pages about accounts: one's own, those of the people of an authority, its channels and tokens."""
