"""Accounts and files for commands that need them."""

from tests.support.pages import migrated, pages

__all__ = ["migrated", "pages"]
