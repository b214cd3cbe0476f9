"""The pages with an installation of their own."""

from tests.support.pages import migrated, pages

__all__ = ["migrated", "pages"]
