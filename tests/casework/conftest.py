"""The pages with an installation of their own, and the people of the offices."""

import pytest

# Loads the settings, before anything that needs them.
from tests.support.pages import Pages, migrated, pages

# isort: split
from tests.casework.people import Office

__all__ = ["migrated", "office", "pages"]


@pytest.fixture
def office(pages: Pages) -> Office:
    """Officers, a magistrate, a clerk, and files."""
    return Office(pages)
