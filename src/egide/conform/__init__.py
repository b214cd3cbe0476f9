"""Conformance from outside: what others wrote is held against the contracts, point by point."""
