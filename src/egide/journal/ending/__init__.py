"""What ends for good: a case by two people, sound that nobody heard."""
