"""The audit feed: who read which file and what became of accounts, for the authority's own monitoring."""
