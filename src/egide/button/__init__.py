"""The alarm button: its rules, its memory, and a virtual one on a complete Bluetooth stack."""
