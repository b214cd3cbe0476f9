"""Kits: a button and a phone, handed out for a case."""
