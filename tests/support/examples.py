"""How many examples Hypothesis tries: a few in each run, other ones every time; four times as many in a full run."""

import pytest
from hypothesis import HealthCheck, settings

SHORT, FULL = 100, 400

# Two cores, many processes: how long one example takes says nothing here, nor how long the first ten took to think up.
_UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("short", _UNTIMED, max_examples=SHORT)
settings.register_profile("full", _UNTIMED, max_examples=FULL)


def do_choose(config: pytest.Config) -> None:
    """Before any file of tests is read: what its decorators leave open is what holds then."""
    settings.load_profile("full" if config.getoption("--full", False) else "short")


def examples(count: int) -> int:
    """`count` in a short run."""
    return count * settings.default.max_examples // SHORT
