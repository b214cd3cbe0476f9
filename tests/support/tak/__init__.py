"""A TAK server that is not ours (taky), and devices on it (pytak)."""
