"""The change of a shift at a dispatch centre."""
