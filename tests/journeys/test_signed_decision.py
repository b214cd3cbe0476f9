"""A decision leaves the house under the authority's signature, and a program that is not ours checks it."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import AUTHORITY, MONS, World
from tests.journeys.test_files import MAGISTRATE
from tests.support import browser as b
from tests.support.pdf import needs_pdfsig, signature_of


@pytest.mark.full(
    "tests/casework/test_signed_papers.py::test_another_program_finds_the_signature_valid_and_over_the_whole_paper",
    "tests/casework/test_signed_papers.py::test_it_finds_a_changed_paper",
)
@needs_pdfsig
def test_a_magistrate_takes_a_signed_decision_out_and_another_program_checks_it(
    world: World, tmp_path: Path
) -> None:
    page = world.window(b.DESKTOP, "fr")
    b.sign_in(page, world.stack, MAGISTRATE, f"/files/{world.person(MONS)['case']}/")
    page.select_option("#document", "decision")
    page.click("#make-document")
    page.wait_for_url("**#paper-*")
    made = page.locator(f"#paper-{page.url.partition('#paper-')[2]} a")
    expect(made).to_contain_text("FR")
    with page.expect_download() as download:
        made.click()
    paper = tmp_path / "decision.pdf"
    download.value.save_as(paper)
    told = signature_of(paper)
    assert "Signature is Valid." in told and "Total document signed" in told
    assert AUTHORITY in told
    paper.write_bytes(paper.read_bytes().replace(b"/Type /Page", b"/Type /page", 1))
    assert "Signature is Valid." not in signature_of(paper)
