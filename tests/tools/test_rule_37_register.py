"""Safety rule 37: who is responsible stands in docs/privacy/, for everything that the software keeps."""

import re

from tools.tree import ROOT

PRIVACY = ROOT / "docs" / "privacy"
PACKAGES = ROOT / "src" / "egide"


def rows(heading: str, text: str) -> list[list[str]]:
    """Cells of the table whose heading begins so, without the heading."""
    lines = text.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"| {heading} |"))
    table = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        table.append([cell.strip() for cell in line.strip("|").split(" | ")])
    return table


def test_rule_37_every_package_that_keeps_something_has_a_row_in_the_register() -> None:
    flows = rows("flow", (PRIVACY / "register.md").read_text())
    named = {name for flow in flows for name in re.findall(r"`(\w+)`", flow[-1])}
    keeping = {path.parent.name for path in PACKAGES.glob("*/models.py")} | {"journal", "intake"}
    assert keeping - named == set()
    assert {name for name in named if not (PACKAGES / name).is_dir()} <= {"evaluation"}
    assert [flow[0] for flow in flows if len(flow) != 7 or not all(flow)] == []


def test_rule_37_each_flow_has_a_controller_and_the_agreement_is_not_the_legal_basis() -> None:
    text = (PRIVACY / "README.md").read_text()
    controllers = rows("flow", text)
    assert len(controllers) >= 5
    assert [row for row in controllers if len(row) != 3 or not all(row)] == []
    assert "## The agreement is not the legal basis" in text
    assert "(assessment.md)" in text
