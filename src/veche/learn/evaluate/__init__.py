"""How good a model is, measured on appeals that it has not seen, and told so that a person can act on it."""
