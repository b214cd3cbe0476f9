"""Services that speak for trackers. What they forward is taken by intake itself, which imports nothing of this."""
