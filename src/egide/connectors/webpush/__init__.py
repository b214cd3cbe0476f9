"""Wakes pages of zones and teams by Web Push (RFC 8030): nothing in it says why, or about whom."""
