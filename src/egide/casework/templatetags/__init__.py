"""Filters of the files' pages."""
