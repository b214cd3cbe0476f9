"""Pages of the roll-out, and what of it becomes a task."""
