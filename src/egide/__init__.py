"""Egide: silent alarm for people threatened by an ex-partner."""
