"""Stories with real processes, a real Bluetooth stack and a real browser: one story in each file."""
