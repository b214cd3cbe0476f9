"""Commands for those who write the other side."""
