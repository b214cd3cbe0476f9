"""What keeps the journal: SQLite in a file, or PostgreSQL on other machines. All that speaks of one alone is here."""
