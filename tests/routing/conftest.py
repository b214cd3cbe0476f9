"""The reference zones, read once."""

from tests.geography.conftest import locator, reference

__all__ = ["locator", "reference"]
