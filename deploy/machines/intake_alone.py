"""A machine for intake alone: the guide's own words on a machine that has nothing else, and what that takes."""

from pathlib import Path

from deploy.machines.machine import Machine, Report, blocks, boot, until

PART = "Intake on a machine of its own"
UNITS = ("intake", "live", "watch")
LIMIT_MB = 100
HEALTH = "http://127.0.0.1:8402/v1/health"
_ASK = f"python3 -c \"import urllib.request as u; print(u.urlopen('{HEALTH}', timeout=10).status)\""


def intake_alone(machine: Machine, report: Report, guide: str, names: tuple[str, str], package: Path) -> None:
    """Installed and started there; every process answers, and it takes no more room than it may."""
    with report.step("egide-intake on a machine of its own") as line:
        boot(machine, names, package)
        machine.run(blocks(guide, PART))
        until("the units of intake are not all active", lambda: machine.are_active(*UNITS))
        until("intake does not answer", lambda: machine.tried(_ASK) == (0, "200\n"))
        line["MB to download"] = round(package.stat().st_size / 1e6)
        line["MB installed"] = round(_installed_bytes(machine) / 1e6)
        assert int(str(line["MB installed"])) <= LIMIT_MB, line
        machine.do("destroy")


def _installed_bytes(machine: Machine) -> int:
    """The files of the package, as they lie on the disk."""
    listed = machine.sh("dpkg -L egide-intake").split("\n")
    files = [machine.root / name.lstrip("/") for name in listed if name]
    return sum(file.stat().st_size for file in files if file.is_file() and not file.is_symlink())
