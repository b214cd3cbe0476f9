"""The small databases beside the journal, on each engine: what is true only now."""
