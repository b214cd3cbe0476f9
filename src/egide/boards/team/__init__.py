"""The page of a team on its way."""
