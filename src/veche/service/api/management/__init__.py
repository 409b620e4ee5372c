"""Commands of the service for those who run it."""
