"""A dispatch system that is called, as Egide calls it."""
