"""How many examples Hypothesis tries: a few in each run, other ones every time; four times as many in a full run."""

from hypothesis import settings

SHORT, FULL = 100, 400

# Two cores, many processes: how long one example takes says nothing here.
settings.register_profile("short", deadline=None, max_examples=SHORT)
settings.register_profile("full", deadline=None, max_examples=FULL)


def examples(count: int) -> int:
    """`count` in a short run."""
    return count * settings.default.max_examples // SHORT
