"""The life of a file: steps taken, where it stands, what it needs from whom, how long it and its sound are kept."""
