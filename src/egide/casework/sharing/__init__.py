"""A file before others than its officers: support workers, whoever must ask for it, whoever must never see it."""
