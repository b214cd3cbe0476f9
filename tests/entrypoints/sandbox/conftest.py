"""What the console needs of Django is set up."""

from tests.support.pages import migrated

__all__ = ["migrated"]
