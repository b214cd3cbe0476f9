"""One yearly report and one committee's page for docs/evaluation/, with their pages as pictures.

Made from the invented national history, which is written anew for it by the real code. The same history gives the
same bytes: the day is that of the history, not of the run.
"""

import os
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

from tools.tree import ROOT

FOLDER = ROOT / "docs" / "evaluation"
YEAR, LANGUAGE, OTHER_LANGUAGE = 2022, "fr", "nl"
PERIOD, BEFORE = "2023-01..2023-10", "2022"
_PPI = 72
_PAGE = """# What is printed

Made by `make report` from the invented national history; nobody and nothing in it is real. Here in one language each;
both come in French, Dutch, German and English.

The yearly report, which may leave the service: [{report}]({report}). For inside the service, the page of the steering
committee: [{sheet}]({sheet}). What each figure means: [the data dictionary](../evaluation.md).

{pictures}
"""


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="egide-report-") as made:
        os.environ |= {"EGIDE_DATA": made, "DJANGO_SETTINGS_MODULE": "egide.entrypoints.settings"}
        # Django's packages load only after its settings.
        import_module("egide.entrypoints.processes.web").setup()
        import_module("egide.demo.history.writing").do_write_history()
        import_module("egide.evaluation.service").rebuild()
        do_publish()
        written = do_write(FOLDER)
    print(f"{len(written)} files in {FOLDER.relative_to(ROOT)}")
    return 0


def do_publish() -> None:
    """The year is published on the last day of the history, as the evaluator would."""
    editions = import_module("egide.evaluation.published.editions")
    editions.do_publish(YEAR, "evaluator-01", editions.draft(YEAR).digest)


def do_write(folder: Path) -> list[Path]:
    """Both documents, their pages, and the page that shows them."""
    report = import_module("egide.evaluation.pages.report")
    sheet = import_module("egide.evaluation.pages.sheet")
    period = import_module("egide.evaluation.records.period").Period.parse
    issue = report.issue_of(YEAR)
    wanted = sheet.WantedSheet(period(PERIOD), period(BEFORE), OTHER_LANGUAGE)
    files = {f"report-{YEAR}-{LANGUAGE}.pdf": report.make_report(YEAR, LANGUAGE)}
    files[f"committee-{OTHER_LANGUAGE}.pdf"] = sheet.make_sheet(wanted)
    with translated(LANGUAGE):
        data = report.report_data(issue, LANGUAGE)
        files |= pages(report.LAYOUT, data, issue.on, f"report-{YEAR}-{LANGUAGE}")
    with translated(OTHER_LANGUAGE):
        files |= pages(sheet.LAYOUT, sheet.sheet_data(wanted), issue.on, f"committee-{OTHER_LANGUAGE}")
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.p*"):
        old.unlink()
    pictures = [name for name in files if name.endswith(".png")]
    shown = "\n".join(
        f'<img src="{name}" alt="Page {n} of what is printed" height="480">'
        for n, name in enumerate(pictures, 1)
    )
    report_name, sheet_name = (name for name in files if name.endswith(".pdf"))
    page = _PAGE.format(report=report_name, sheet=sheet_name, pictures=shown)
    files["README.md"] = page.encode()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in files]


def translated(language: str) -> Any:
    """Texts in this language."""
    return import_module("django.utils.translation").override(language)


def pages(layout: str, data: dict[str, Any], on: Any, name: str) -> dict[str, bytes]:
    """The pages of a document as pictures, by the name of their files."""
    found = import_module("egide.evaluation.pages.printing").pictures(layout, data, on, _PPI)
    return {f"{name}-{number}.png": picture for number, picture in enumerate(found, 1)}


if __name__ == "__main__":
    sys.exit(main())
