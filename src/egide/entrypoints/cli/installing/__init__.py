"""`egide init` makes an installation, `egide serve` runs one for a try."""
