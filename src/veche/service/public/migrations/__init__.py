"""Tables of the public pages."""
