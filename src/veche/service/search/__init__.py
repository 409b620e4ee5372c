"""Finding appeals: filters that mean the same on every screen, words, meaning, saved searches."""
