"""Pages of the files: forms, views and what they show."""
