"""The page of a police zone."""
