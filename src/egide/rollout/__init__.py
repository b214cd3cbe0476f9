"""Which centres and zones take part, and what a centre must know beyond its own area."""
