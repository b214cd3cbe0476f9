"""Browsers of zones and teams that are woken by push."""
