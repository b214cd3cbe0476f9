"""A reader of exports and checkpoints."""
