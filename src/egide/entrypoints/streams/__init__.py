"""What goes into the streams of live, and when one ends."""
