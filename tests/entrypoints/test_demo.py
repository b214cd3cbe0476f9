"""The demo without a person, and what it refuses."""

import json
import subprocess
import sys
from pathlib import Path

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


def egide(*arguments: str, timeout_s: float = 90) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "egide.entrypoints.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout_s)


def test_one_press_goes_from_the_button_to_the_closed_alarm_and_every_step_is_timed() -> None:
    answer = egide("demo", "--once", "--json")
    assert answer.returncode == 0, answer.stderr
    result = json.loads(answer.stdout)
    assert (result["zone"], result["centre"]) == ("5324", "HAI")
    ms = {step["step"]: step["ms"] for step in result["steps"]}
    assert sorted(ms) == sorted(STEPS)
    assert ms["button.held"] == 0
    in_order = [step for step in STEPS if step != "phone.receipt"]
    assert sorted(in_order, key=ms.__getitem__) == in_order
    assert ms["phone.receipt"] > ms["intake.received"]
    assert list(ms.values()) == sorted(ms.values())


def test_a_directory_that_no_demo_made_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("kept")
    answer = egide("demo", "--data", str(tmp_path))
    assert answer.returncode == 1 and "--data" in answer.stderr
    assert (tmp_path / "precious").read_text() == "kept"


def test_a_press_without_a_demo_says_how_to_start_one(tmp_path: Path) -> None:
    answer = egide("press", "--data", str(tmp_path))
    assert answer.returncode == 1 and "make demo" in answer.stderr
