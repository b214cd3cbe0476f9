"""The drill of docs/operations/backup.md: the machine and its disk are gone, and everything goes on elsewhere."""

import re
import threading
import time
from http import HTTPStatus
from pathlib import Path

from deploy.machines.further import BACKUP
from deploy.machines.machine import DISKS, Machine, Report, blocks, boot, until
from deploy.machines.outside import ANSWER_S, House, Operator, Traffic
from egide.journal.proof.checkpoint import read_checkpoints
from egide.journal.proof.checkpoints import FILE_NAME

PART = "The drill, once a year and before the first kit leaves"
PLACE = DISKS / "shared" / "second" / FILE_NAME
# As often as this the second place sees what has happened, so that the drill need not wait for an hour.
EVERY_S = 10
OFTEN = f"""echo 'checkpoint_every_s = {EVERY_S}' >>/etc/egide/egide.toml
systemctl restart egide-watch
tar -C / -czf /media/stick/egide/settings.tar.gz etc/egide etc/ssl/egide etc/nginx/nginx.conf"""
_RESTORED = re.compile(r"chain is whole up to event (\d+)")
_MISSING = re.compile(r"as the second place saw it: events (\d+), minutes (\d+)")


def drill(first: Machine, second: Machine, report: Report, house: House, package: Path) -> None:
    """A back-up, presses after it, the machine destroyed, and the words of the document on the second one."""
    with report.step("a back-up, and presses that are not in it") as line:
        first.sh(OFTEN)
        first.sh("systemctl start egide-backup.service")
        with Traffic(house.phone) as traffic:
            traffic.wait_for_more(40)
        last = traffic.receipts[-1]
        until("the second place does not see the presses", lambda: seen() >= last)
        line["presses"] = len(traffic.receipts)
    begun_s = time.monotonic()
    with report.step("drill: machine and disk destroyed, restored elsewhere") as line:
        first.do("destroy")
        boot(second, house.names, package)
        said = second.run(blocks(BACKUP.read_text(encoding="utf-8"), PART))
        second.wait_until_whole()
        restored, missing = _RESTORED.search(said), _MISSING.search(said)
        assert restored and missing, said
        line["whole up to event"], line["events lost"] = int(restored[1]), int(missing[1])
        line["minutes of loss"] = int(missing[2])
        assert int(missing[1]) >= len(traffic.receipts), "more were acknowledged after the back-up"
    with report.step("drill: the same phone presses, and is told") as line:
        house.phone.go_to(second.address)
        seen_s, told_s = _press_on(second, house)
        line["from press to desk s"], line["from press to phone told s"] = round(seen_s, 2), round(told_s, 2)
        line["minutes from the loss to the word on the phone"] = round((time.monotonic() - begun_s) / 60, 1)
    with report.step("drill: the chain is held against the second place"):
        proven = second.sh(f"egide journal verify --checkpoints /var/lib/egide-second/{FILE_NAME}")
        print(proven, end="", flush=True)
        assert "restore" in proven.lower(), "it does not name the gap"


def seen() -> int:
    """The last event that the second place has a checkpoint of."""
    found, _unreadable = read_checkpoints(PLACE.read_bytes())
    return max((one.seq for one in found), default=0)


def _press_on(machine: Machine, house: House) -> tuple[float, float]:
    """The alarm of before is open here: a press of it reaches the desk, an operator takes it, and its phone is told.

    Seconds to the desk, and to the word on the phone.
    """
    operator = Operator(machine.address, house.names[0], house.authority, house.account)
    listening, found = threading.Event(), list[str]()
    stream = threading.Thread(target=operator.listen, args=(listening, found, "PressedAgain"), daemon=True)
    stream.start()
    assert listening.wait(ANSWER_S), "the live stream does not open"
    begun_s = time.monotonic()
    receipt = house.phone.send()
    assert receipt.status_code == HTTPStatus.CREATED, (receipt.status_code, receipt.text)
    stream.join(ANSWER_S)
    assert found == [house.alarm], f"{house.alarm} was pressed and the desk heard of {found}"
    seen_s = time.monotonic() - begun_s
    if "acknowledged" not in receipt.text:
        # Whoever held it has no board any more, and it was routed anew.
        operator.do(house.alarm, "shown")
        operator.do(house.alarm, "acknowledge")
    until("the phone is not told", lambda: "acknowledged" in house.phone.send().text)
    return seen_s, time.monotonic() - begun_s
