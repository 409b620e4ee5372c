"""What a citizen sees: the form and the tracking page."""
