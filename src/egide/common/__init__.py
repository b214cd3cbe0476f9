"""Small tools that everything else may use: clock, ids, geometry on the ground, sealing, configuration, texts."""
