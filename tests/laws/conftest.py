"""How often each law is tried: LAW_ROUNDS, 25 unless `make laws` asks for more."""

import os
import random
import sys

import pytest


@pytest.fixture
def rounds() -> int:
    """So many rounds."""
    return int(os.environ.get("LAW_ROUNDS", "25"))


@pytest.fixture
def chance() -> random.Random:
    """Where the moments come from. LAW_SEED repeats a run that failed; the failure shows it."""
    seed = int(os.environ.get("LAW_SEED", "0")) or random.SystemRandom().randrange(1, 2**32)
    sys.stdout.write(f"LAW_SEED={seed}\n")
    return random.Random(seed)
