"""Figures that can be trusted: pseudonymous records built from the journal, and measures defined in one place each."""
