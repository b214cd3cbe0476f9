"""A small Linux box in the place of a phone: its unit, and the guide that sets it up (docs/box.md)."""

import re
from pathlib import Path

import pytest

from tests.deploy.test_units import TAKEN_AWAY
from tests.support.box import BOX, UNIT, settings
from tests.support.units import exposed, machine_root, options, systemd, verified
from tools.tree import ROOT

GUIDE = ROOT / "docs" / "box.md"
# What the unit has in their place: a directory of its own, which nobody else reads.
OWN = {"Group": "box", "UMask": "0077", "ReadWritePaths": None}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return machine_root(tmp_path_factory.mktemp("root"), BOX, ["/opt/box/bin/python"])


@systemd
def test_systemd_reads_the_unit_without_a_word_and_finds_little_exposed(root: Path) -> None:
    bluetooth = root / "etc" / "systemd" / "system" / "bluetooth.service"
    bluetooth.write_text("[Service]\nExecStart=/opt/box/bin/python\n")
    assert verified(root, [UNIT.name]) == (0, "")
    assert exposed(root, UNIT.name) == ""


def test_all_is_taken_away_that_is_taken_away_from_the_processes_of_a_server() -> None:
    service = options(UNIT, "Service")
    assert {key: service.get(key) for key in TAKEN_AWAY} == TAKEN_AWAY | OWN
    assert (service["Restart"], options(UNIT, "Unit")["StartLimitIntervalSec"]) == ("always", "0")


def test_nothing_that_somebody_sees_on_the_box_tells_what_it_is() -> None:
    said = "\n".join([UNIT.name, options(UNIT, "Unit")["Description"], *settings()])
    assert not re.search(r"alarm|egide|police|press|protect|companion", said, re.IGNORECASE)
    # Each line of the process says that somebody pressed.
    assert options(UNIT, "Service")["StandardOutput"] == "null"


def test_the_guide_installs_what_the_unit_starts() -> None:
    guide = GUIDE.read_text()
    service = options(UNIT, "Service")
    for path in (service["ExecStart"].split()[0], service["EnvironmentFile"], service["WorkingDirectory"]):
        assert path in guide
    for name in (UNIT.name, "box.conf", "requirements-box.lock"):
        assert name in guide
