"""The master key in a hardware module under the real units: docs/operations/keys.md word by word, with SoftHSM."""

from http import HTTPStatus

from deploy.machines.machine import Machine, Report, blocks, until
from deploy.machines.outside import House
from tools.tree import ROOT

PAGE = ROOT / "docs" / "operations" / "keys.md"
PART = "The master key in a hardware module"
PROGRAMS = ("softhsm2",)
# Who reaches neither the PIN nor the token.
STRANGERS = ("egide-live", "egide-watch")
MOST_EXPOSED = 25
_PIN = "/etc/egide/master.pin"


def in_a_module(machine: Machine, report: Report, house: House) -> None:
    """The key moves there while everything runs, survives a cut of the power, and a wrong PIN is told."""
    with report.step("master key in a module (SoftHSM)") as line:
        machine.sh("systemctl enable --now egide-sms.service")
        line["says"] = machine.run(blocks(PAGE.read_text(encoding="utf-8"), PART)).splitlines()[-1]
        _all_is_well(machine, house)
        machine.sh("test ! -e /var/lib/egide/master.key")
        for name in ("backup", "verify"):
            machine.sh(f"systemctl start egide-{name}.service")
        for unit in ("ready", "intake", "sms", "web", "worker"):
            machine.sh(
                f"systemd-analyze security --no-pager --threshold={MOST_EXPOSED} egide-{unit} >/dev/null"
            )
        for account in STRANGERS:
            become = f"setpriv --reuid={account} --regid=egide --init-groups"
            assert machine.tried(f"{become} cat {_PIN}")[0] != 0, f"{account} reads the PIN"
            assert machine.tried(f"{become} ls /var/lib/softhsm/tokens")[0] != 0, f"{account} sees the token"
    with report.step("master key in a module: power cut"):
        machine.do("kill")
        machine.do("boot")
        _all_is_well(machine, house)
    with report.step("master key in a module: a wrong PIN") as line:
        machine.sh(f"cp -p {_PIN} /root/pin && echo 000000 >{_PIN}")
        assert machine.tried("systemctl restart egide-ready.service")[0] != 0, "it starts with a wrong PIN"
        said = machine.sh("journalctl -u egide-ready -o cat -n 20 --no-pager")
        assert "refuses the PIN" in said, said
        assert not machine.are_active("intake"), "a process runs on without what it needs"
        machine.sh(f"cp -p /root/pin {_PIN} && rm /root/pin && systemctl start egide.target")
        _all_is_well(machine, house)


def _all_is_well(machine: Machine, house: House) -> None:
    """Each process answers, and a press has its receipt."""
    machine.wait_until_whole()
    until("the unit of SMS is not active", lambda: machine.are_active("sms"))
    assert house.phone.send().status_code == HTTPStatus.CREATED
