"""Reminders by e-mail, to one person each."""
