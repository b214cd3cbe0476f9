"""The pages with an installation of their own."""

from dataclasses import replace

import pytest
from django.conf import settings

from tests.support.pages import Pages, migrated, pages

__all__ = ["demo_pages", "migrated", "pages"]


@pytest.fixture
def demo_pages(pages: Pages) -> Pages:
    """Pages of the demo, where the second factor is waived."""
    settings.EGIDE = replace(pages.config, demo=True)
    return pages
