"""Receive what phones send: verify, make durable, and only then answer. No web framework, no knowledge of files."""
