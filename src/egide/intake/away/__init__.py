"""While the journal is on other machines and has no primary: what is kept, known and shown meanwhile."""
