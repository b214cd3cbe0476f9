"""The journal: what happened, written once, durable before anybody is told, never changed."""
