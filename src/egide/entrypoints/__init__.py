"""Where processes start. Each module here is one process; each reads its settings from the environment."""
