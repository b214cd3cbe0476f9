"""Every measure a second time: slow, obvious, straight from the events, and without a line of the quick way."""
