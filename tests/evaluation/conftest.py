"""Fixtures of these tests."""

from tests.support.pages import migrated, pages

__all__ = ["migrated", "pages"]
