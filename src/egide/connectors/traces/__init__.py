"""Traces of presses for the authority's own monitoring (OpenTelemetry): names of steps and times, and nothing else."""
