"""What journal and records have in common where they stand in PostgreSQL."""
