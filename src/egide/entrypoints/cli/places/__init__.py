"""Commands about where something is."""
