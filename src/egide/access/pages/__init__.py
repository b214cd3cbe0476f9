"""Pages of signing in, accounts and readings, and what holds for every page."""
