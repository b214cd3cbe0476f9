"""What the unit of a small Linux box starts (docs/box.md), with its settings put in as systemd does."""

from tests.support.units import options
from tools.tree import ROOT

BOX = ROOT / "deploy" / "box"
UNIT = BOX / "box.service"
# What stands before the arguments of the process.
STARTS = ["/opt/box/bin/python", "-m", "egide.entrypoints.companion"]


def settings() -> dict[str, str]:
    """Those of the example that is installed with the unit."""
    lines = (BOX / "box.conf").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def arguments(changed: dict[str, str]) -> list[str]:
    """The process's: `${NAME}` is one word, `$NAME` as many as it holds (systemd.service(5), "Command lines")."""
    values = settings() | changed
    words = options(UNIT, "Service")["ExecStart"].split()
    assert words[: len(STARTS)] == STARTS
    found: list[str] = []
    for word in words[len(STARTS) :]:
        if word.startswith("${"):
            found.append(values[word[2:-1]])
        elif word.startswith("$"):
            found += values[word[1:]].split()
        else:
            found.append(word)
    return found
