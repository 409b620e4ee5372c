"""Commands of the desk, for `veche manage`."""
