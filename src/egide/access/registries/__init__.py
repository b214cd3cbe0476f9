"""What the packages above tell of theirs: entries, tasks, finds, notices, and names and numbers of places and files."""
