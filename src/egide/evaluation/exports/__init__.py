"""Records and measures handed out as files for science, with the dictionary of every table and column."""
