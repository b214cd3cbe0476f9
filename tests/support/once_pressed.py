"""What `press_once` tells of one press, from the button to the closed alarm."""

from collections.abc import Iterable
from typing import Any

STEPS = [
    "button.held",
    "phone.stored",
    "intake.received",
    "phone.receipt",
    "routing.routed",
    "desk.shown",
    "desk.acknowledged",
    "phone.told",
    "zone.confirmed",
    "team.named",
    "team.under_way",
    "team.on_site",
    "alarm.closed",
]


def check_steps(found: Iterable[dict[str, Any]]) -> None:
    """Every step is timed, and each comes after the one before."""
    ms = {step["step"]: step["ms"] for step in found}
    assert sorted(ms) == sorted(STEPS)
    assert ms["button.held"] == 0
    in_order = [step for step in STEPS if step != "phone.receipt"]
    assert sorted(in_order, key=ms.__getitem__) == in_order
    assert ms["phone.receipt"] > ms["intake.received"]
    assert list(ms.values()) == sorted(ms.values())
