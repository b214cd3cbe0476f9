"""Migrations of app.db."""
