"""Tells dispatch systems (CAD) of alarms by a signed call; they decide nothing here (decision 0103)."""
