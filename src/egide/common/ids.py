"""Identifiers: random, without meaning, and the same shape everywhere."""

import secrets


def new_id() -> str:
    """A fresh random identifier of 16 lower-case hexadecimal digits (64 bits)."""
    return secrets.token_hex(8)
