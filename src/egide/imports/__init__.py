"""Files that are imported with a preview: read, checked, shown, and taken whole or not at all."""
