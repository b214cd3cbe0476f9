"""The two files that the roll-out takes, and who attended a training."""
