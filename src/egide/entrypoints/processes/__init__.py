"""The processes that serve, receive and measure; those that stand in for buttons and phones."""
