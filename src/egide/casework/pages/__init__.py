"""Pages of the files: views and what they show."""
