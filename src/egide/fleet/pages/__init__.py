"""Pages of kits, stock and supervision, and what of them becomes a task."""
