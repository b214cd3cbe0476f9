"""The yearly tables that leave the service: the list, their numbers, which cells are hidden, the editions."""
