"""Roads to the world outside, one folder each; they do not know each other."""
