"""Fixtures of these tests."""

from tests.evaluation.history import data, history
from tests.support.pages import migrated, pages

__all__ = ["data", "history", "migrated", "pages"]
