"""The pages that tests of the alarm's commands need."""

from tests.support.pages import migrated, pages

__all__ = ["migrated", "pages"]
