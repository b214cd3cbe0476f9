"""The pages with an installation of their own, and what leaves it to remind somebody."""

from tests.support.pages import migrated, pages
from tests.support.reminders import officer, outside

__all__ = ["migrated", "officer", "outside", "pages"]
