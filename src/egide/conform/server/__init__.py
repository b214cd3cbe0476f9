"""A server, as a phone sees it."""
