"""A later release that adds, and the way back from it by the package of before.

It is made of the package that was just built, with what a later one would bring written into it: a kind of event, and a
table of app.db.
"""

import shutil
import subprocess
from pathlib import Path

from deploy.machines.machine import PEOPLE, Machine, Report, check_presses
from deploy.machines.outside import Operator, Phone, Traffic
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


def go_back(machine: Machine, report: Report, phone: Phone, operator: Operator, alarm: str) -> list[int]:
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
            receipts += _during_traffic(machine, line, phone, install, receipts)
            if name.startswith("upgrade to"):
                machine.as_egide(f"{PEOPLE} later {alarm}")
            # Each release has it: the one that knows it, and the one that does not.
            assert "LaterSaid" in machine.sh("egide journal tail -n 100000 | grep LaterSaid")
            assert "LaterSaid" in operator.get(f"/desk/alarms/{alarm}/timeline").text
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
