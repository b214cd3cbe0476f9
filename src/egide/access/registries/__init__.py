"""What packages above contribute: entries, tasks, finds, notices, strips, names and numbers of places and files."""
