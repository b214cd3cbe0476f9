"""A file and others than its officers: support workers, people who must ask for it or must never see it."""
