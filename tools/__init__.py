"""What the Makefile runs on the project itself: checks, and files that are generated and committed."""

import egide  # noqa: F401  before whatever imports sqlite3
