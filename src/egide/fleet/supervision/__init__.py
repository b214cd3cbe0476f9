"""Watching over the kits that are out: faults, who is notified when, the limits, the fleet in numbers."""
