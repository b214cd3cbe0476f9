"""A push service for all tests of waking."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.conf import settings

from tests.support.pages import Pages
from tests.support.push_service import PushService, push_service


@pytest.fixture
def service(pages: Pages) -> Iterator[PushService]:
    """A push service that this installation may call."""
    # Before anything else is written or set, so that they are a copy (`Pages.files`).
    assert pages.files
    with push_service() as running:
        settings.EGIDE = replace(
            pages.config, push_contact="mailto:keeper@egide.example", push_services=(running.origin,)
        )
        yield running
