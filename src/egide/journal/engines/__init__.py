"""What keeps the journal: all that speaks of one database alone."""
