"""Tests of egide.reminders."""
