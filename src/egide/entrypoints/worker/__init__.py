"""The process `worker`, and its threads: one module for each."""
