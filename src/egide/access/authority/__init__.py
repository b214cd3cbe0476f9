"""Signing in with the authority's own accounts (OpenID Connect): what its provider is asked, and what is believed."""
