"""What fuzzing found stays found: every input that was kept, and those that it begins with, against its decoder.

`make fuzz` looks for more of them, for as long as FUZZ_SECONDS says.
"""

from pathlib import Path

import pytest

import tests.support.pages  # noqa: F401  loads the settings: some decoders speak to the person who brought the file
from tests.fuzz.targets import TARGETS

KEPT = Path(__file__).parent / "seeds"


@pytest.mark.parametrize("name", TARGETS)
def test_a_decoder_gives_a_value_or_its_own_error(name: str) -> None:
    target = TARGETS[name]
    begun, kept = list(target.seeds()), [path.read_bytes() for path in sorted((KEPT / name).glob("*"))]
    assert begun
    for data in begun + kept:
        assert len(data) <= target.longest or data in begun
        target.check(data)
        # Cut off, and with something behind it.
        for other in (data[: len(data) // 2], data + b"\x00", b""):
            target.check(other)


def test_every_kept_input_belongs_to_a_decoder() -> None:
    assert {path.name for path in KEPT.iterdir() if path.is_dir()} <= set(TARGETS)
