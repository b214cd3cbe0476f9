import egide  # noqa: F401  before whatever imports sqlite3
