"""Who read which file: what is recorded of it, and who reviews it."""
