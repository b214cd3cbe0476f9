"""Small tools that everything else may use: clock, ids, sealing, configuration, telephone numbers, texts."""
