"""What an operator can ask without a sound, and what is answered with one finger: information only (safety rule 8)."""

QUESTIONS = ("safe", "there", "weapon", "speak", "children")
ANSWERS = ("yes", "no", "here", "safe", "weapon")
