"""Watching over the kits that are out: what counts as wrong, who is told when, the limits, the fleet in numbers."""
