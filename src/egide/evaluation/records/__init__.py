"""Pseudonymous records: which fields of the journal are read, the tables built of them, the shapes of what is asked."""
