"""Invented people and worlds: for the demo, the published figures, the tests and the benchmarks."""
