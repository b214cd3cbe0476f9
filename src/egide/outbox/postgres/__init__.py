"""The registers' records in PostgreSQL. Django takes this package for its engine, by `base`."""
