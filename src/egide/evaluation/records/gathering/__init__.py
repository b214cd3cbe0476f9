"""From events to rows: each module folds one part of the journal and yields its record tables."""
