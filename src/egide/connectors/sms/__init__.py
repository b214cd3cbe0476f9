"""Presses that come as short messages: a gateway calls back over HTTP, and what it hands on goes to intake."""
