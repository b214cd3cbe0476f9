"""A button, by what it says over the air."""
