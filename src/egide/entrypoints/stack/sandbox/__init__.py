"""A demo for those who write the other side: it notes each call, plays faults, and reaches nothing but this machine."""
