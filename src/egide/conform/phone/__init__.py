"""A phone, as a server sees it that does not always behave."""
