"""Shows alarms on the maps of teams that carry TAK, by Cursor on Target; it decides nothing here (decision 0103)."""
