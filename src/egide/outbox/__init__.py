"""The way from the registers' records into the journal: a row in the same transaction, copied once by the worker."""
