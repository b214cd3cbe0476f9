"""One kit: the gates, what becomes of it, what its phone is told, and what the journal heard of it."""
