"""The alarm: its events, its state, and how the ones add up to the other. Pure."""
