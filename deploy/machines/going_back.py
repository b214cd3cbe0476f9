"""A later release that adds, and the way back from it by the package of before.

It is made of the package that was just built, with what a later one would bring written into it: a kind of event, and a
table of app.db.
"""

import shutil
import subprocess
import time
from pathlib import Path

from deploy.machines.machine import PEOPLE, UNITS, Machine, Report, check_presses
from deploy.machines.outside import House, Phone, Traffic
from tools import debian

_EVENT = '''

class LaterSaid(Event, frozen=True):
    """What only a later release says."""

    words: str
'''
_MIGRATION = """from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("fleet", "{last}")]
    operations = [{operation}]
"""
ADDS = 'migrations.CreateModel("Later", [("id", models.AutoField(primary_key=True))])'
# How `egide upgrade --check` ends where the release would not start.
REFUSED = 3
TAKES_AWAY = 'migrations.DeleteModel("Later")'


def later(built: Path, as_version: str, *operations: str) -> Path:
    """A package beside the one that was built, of a release with one more event and these changes of app.db."""
    root = debian.OUT / "later"
    shutil.rmtree(root, ignore_errors=True)
    # Everything that is written below is put in the place of its original, which stays as it is.
    subprocess.run(["cp", "-al", built, root], check=True)
    code = root / debian.PREFIX / "src" / "egide"
    changed = [_replaced(code / "events" / "system.py", (code / "events" / "system.py").read_text() + _EVENT)]
    last = max(path.stem for path in (code / "fleet" / "migrations").glob("0*.py"))
    for number, operation in enumerate(operations):
        name = f"99{number:02}_later"
        text = _MIGRATION.format(last=last, operation=operation)
        changed.append(_replaced(code / "fleet" / "migrations" / f"{name}.py", text))
        last = name
    compiled = [f"/usr/bin/python{debian.PYTHON}", "-m", "compileall", "-q", "-f", "-s", str(root), "-p", "/"]
    subprocess.run([*compiled, "--invalidation-mode", "unchecked-hash", *map(str, changed)], check=True)
    (root / debian.RELEASE).unlink()
    debian.stage_tables(root, debian.KINDS["egide"])
    return debian.again(debian.KINDS["egide"], as_version, root)


def _replaced(path: Path, text: str) -> Path:
    path.unlink(missing_ok=True)
    path.write_text(text)
    return path


def go_back(machine: Machine, report: Report, house: House) -> list[int]:
    """Up to the later release, back, and up again, while somebody presses. The numbers of the presses that have a
    receipt."""
    receipts: list[int] = []
    for name, install in (
        ("upgrade to a release that adds, during traffic", "apt-get install -y /opt/adds.deb"),
        (
            "back to the release before, during traffic",
            "egide upgrade --check /opt/before.deb; apt-get install -y --allow-downgrades /opt/before.deb",
        ),
        (
            "upgrade again, during traffic",
            "egide upgrade --check /opt/adds.deb; apt-get install -y /opt/adds.deb",
        ),
    ):
        with report.step(name) as line:
            receipts += _during_traffic(machine, line, house.phone, install, receipts)
            if name.startswith("upgrade to"):
                machine.as_egide(f"{PEOPLE} later {house.alarm}")
            # Each release has it: the one that knows it, and the one that does not.
            assert "LaterSaid" in machine.sh("egide journal tail -n 100000 | grep LaterSaid")
            assert "LaterSaid" in house.operator.get(f"/desk/alarms/{house.alarm}/timeline").text
    return receipts


def _during_traffic(
    machine: Machine, line: dict[str, object], phone: Phone, install: str, before: list[int]
) -> list[int]:
    with Traffic(phone) as traffic:
        traffic.wait_for_more()
        machine.sh(install)
        machine.wait_until_whole()
        traffic.wait_for_more()
    traffic.note(line)
    assert traffic.refused == [], traffic.refused
    check_presses(machine, [*before, *traffic.receipts])
    return traffic.receipts


def refused_way_back(machine: Machine, report: Report, phone: Phone, before: list[int]) -> list[int]:
    """Up to a release that takes something away, from which the package of before is refused while all runs on.

    The numbers of the presses that have a receipt.
    """
    with report.step("upgrade to a release whose change is no addition, during traffic") as line:
        receipts = _during_traffic(machine, line, phone, "apt-get install -y /opt/changes.deb", before)
    with report.step("the way back from it is refused, during traffic") as line:
        running = _version(machine)
        with Traffic(phone) as traffic:
            traffic.wait_for_more()
            code, said = machine.tried("egide upgrade --check /opt/before.deb")
            assert code == REFUSED, (code, said)
            begun_s = time.monotonic()
            code, said = machine.tried("apt-get install -y --allow-downgrades /opt/before.deb")
            line["refused within s"] = round(time.monotonic() - begun_s, 1)
            assert code != 0 and "would not start here, so nothing was changed" in said, (code, said)
            assert _version(machine) == running and machine.are_active(*UNITS), "it is not as it was"
            traffic.wait_for_more()
        traffic.note(line)
        assert traffic.refused == [], traffic.refused
        check_presses(machine, [*before, *receipts, *traffic.receipts])
    return [*receipts, *traffic.receipts]


def _version(machine: Machine) -> str:
    return machine.sh("dpkg-query -W -f '${db:Status-Abbrev} ${Version}' egide")
