"""The authority's own addresses: one read-only file, made whole from a list (`egide addresses import`).

The street that is nearest to a position, and the position of an address as somebody types it.
"""
