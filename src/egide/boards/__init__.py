"""What the people who go there must know: the briefing, and the position held against the measures in force."""
