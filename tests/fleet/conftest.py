"""The pages with an installation of their own."""

from tests.intake.conftest import intake
from tests.support.pages import migrated, pages

__all__ = ["intake", "migrated", "pages"]
