"""Where the wrapped keys of cases stand, on each engine."""
