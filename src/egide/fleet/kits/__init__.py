"""One kit: the gates, what becomes of it, what its phone learns, and what the journal heard of it."""
