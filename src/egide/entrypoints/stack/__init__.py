"""A whole installation of child processes on this machine, and an operator without a browser."""
