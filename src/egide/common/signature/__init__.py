"""The electronic signature of the authority under papers."""
