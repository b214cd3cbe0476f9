"""Fixtures of these tests."""

from tests.evaluation.history import data
from tests.support.pages import migrated, pages

__all__ = ["data", "migrated", "pages"]
