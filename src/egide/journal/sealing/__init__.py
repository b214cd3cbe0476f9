"""Keys: of cases and streams, the master key above them, and sound under keys of its own."""
