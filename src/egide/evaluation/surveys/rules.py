"""Pure rules of the surveys: who may be asked, and how many answers go into the journal together."""

# Answers leave the waiting room together: among fewer, the time of an answer would say whose it is.
TOGETHER = 5
WRONG_CODES = 5
AGAIN_AFTER_DAYS = 180
FIRST_AFTER_DAYS = 30


def is_due(today: int, out_since: int, asked_on: int | None) -> bool:
    """Whether somebody may be asked: a month after the kit left, and half a year after the last time (in days)."""
    if today - out_since < FIRST_AFTER_DAYS:
        return False
    return asked_on is None or today - asked_on >= AGAIN_AFTER_DAYS
