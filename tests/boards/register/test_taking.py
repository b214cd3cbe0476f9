"""What leaves the house of an alarm: for the criminal file nothing that says where she was, and no key (rule 28)."""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from egide.alarm import events as a
from egide.boards.register import taking
from egide.casework.file.reading import read_file
from egide.common.clock import SystemClock
from egide.demo.plan import do_import_plan
from egide.events.casework import DocumentMade
from egide.events.register import JournalExported
from egide.journal.proof.export import BadExport, read_export
from tests.boards.register.test_register import ended
from tests.boards.teams import act, with_team
from tests.support.pages import MONS, Pages, near
from tests.support.pdf import read_pdf

ROOT = Path(__file__).parents[3]


def home_of(pages: Pages) -> str:
    """The address of the person of the file."""
    return read_file(pages.files[MONS].case.id).places[0].facts.address


def told(pages: Pages) -> str:
    """With a list of addresses: an alarm with position, note, silent answer, telephone, and words with her address."""
    do_import_plan(pages.config.addresses_file, SystemClock())
    phone = pages.phone(MONS)
    alarm = with_team(pages, phone=phone)
    home = home_of(pages)
    pages.send(alarm, a.PositionReceived, phone, position=near(pages.files[MONS], north_m=30))
    act(pages, alarm, a.NoteAdded(user="op-1", text="Goes to the market on Tuesdays"))
    act(pages, alarm, a.TextAsked(user="op-1", question="weapon"))
    pages.send(alarm, a.TextReceived, phone, body=b"yes", position=near(pages.files[MONS]))
    act(pages, alarm, a.TeamOnSite(by="M 12"))
    report = f"He stood at {home}, at 50.45421, 3.95189."
    act(pages, alarm, a.TeamReported(by="team:M 12", outcome="arrest", text=report))
    act(pages, alarm, a.AlarmClosed(user="op-1", outcome="arrest", reason="over"))
    return alarm


def taken(pages: Pages, alarm: str, wanted: str, role: str = "magistrate") -> dict[str, bytes]:
    place = {"office": "mons"} if role == "magistrate" else {"zone": "5324"}
    client = pages.client(pages.user(f"{role}-{wanted}", role=role, **place))
    reply = client.post(f"/register/{alarm}/take", {"for": wanted})
    assert reply.status_code == 200 and "no-store" in reply["Cache-Control"]
    with zipfile.ZipFile(io.BytesIO(reply.content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_rule_28_the_version_for_the_criminal_file_tells_what_was_done_and_no_place(pages: Pages) -> None:
    alarm = told(pages)
    home = home_of(pages)
    found = taken(pages, alarm, "criminal")
    text = read_pdf(found["alarm.pdf"]).text
    for word in ("M 12", "Insp. 21", "Oui", "Arrestation"):
        assert word in text, word
    for word in (home, home.split(",")[0], "Rue de l’Exemple", "50.45", "3.95", "market", "km "):
        assert word not in text, word
    export = read_export(io.BytesIO(found["alarm.jsonl"]))
    with pytest.raises(BadExport):
        export.open_body(export.rows[0])


def test_for_police_and_office_it_is_whole_and_opens(pages: Pages) -> None:
    alarm = told(pages)
    found = taken(pages, alarm, "office", "reference-officer")
    text = read_pdf(found["alarm.pdf"]).text
    assert "market" in text and "±" in text and "Rue de l’Exemple" in text
    export = read_export(io.BytesIO(found["alarm.jsonl"]))
    assert b"Tuesdays" in b"".join(export.open_body(row) for row in export.rows)
    assert export.rows[-1].hash.hex() in text.replace("\n", "").replace(" ", "")


@pytest.mark.parametrize("wanted", ["criminal", "office"])
def test_somebody_without_this_system_verifies_it_and_finds_what_was_changed(
    pages: Pages, wanted: str, tmp_path: Path
) -> None:
    alarm = ended(pages)
    events = taken(pages, alarm, wanted)["alarm.jsonl"]
    lines = events.splitlines()
    path = tmp_path / "alarm.jsonl"

    def verified(content: bytes) -> subprocess.CompletedProcess[str]:
        path.write_bytes(content)
        command = [sys.executable, str(ROOT / "contracts/examples/verify_export.py"), str(path)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    whole = verified(events)
    assert whole.returncode == 0, whole.stderr
    assert ("AlarmClosed" in whole.stdout) == (wanted == "office")
    changed = json.loads(lines[2]) | {"at_us": 1}
    assert verified(b"\n".join([*lines[:2], json.dumps(changed).encode(), *lines[3:]])).returncode == 1
    assert verified(b"\n".join([*lines[:2], *lines[3:]])).returncode == 1


def test_that_it_was_taken_is_two_events_before_a_byte_leaves(pages: Pages) -> None:
    alarm = ended(pages)
    taken(pages, alarm, "criminal")
    events = [
        pages.journal.open_event(row)
        for row in pages.journal.every()
        if row.kind in ("DocumentMade", "JournalExported")
    ]
    made, exported = events
    assert isinstance(made, DocumentMade) and made.document == taking.DOCUMENT and len(made.sha256) == 64
    assert isinstance(exported, JournalExported) and exported.stream == f"alarm:{alarm}"


@pytest.mark.files("a quota of the file")
def test_with_a_journal_that_takes_nothing_nothing_is_taken_out(pages: Pages) -> None:
    alarm = ended(pages)
    client = pages.client(pages.user("m", role="magistrate", office="mons"))
    pages.fill_disk()
    # What is left of the last page takes some more.
    for _ in range(60):
        reply = client.post(f"/register/{alarm}/take", {"for": "office"})
        if reply.status_code != 200:
            break
    assert reply.status_code == 503


def test_nobody_else_takes_it_and_nothing_else_is_taken(pages: Pages) -> None:
    alarm = ended(pages)
    for role, place in (
        ("supervisor", {"centre": "HAI"}),
        ("operator", {"centre": "HAI"}),
        ("zone-officer", {"zone": "5324"}),
        ("clerk", {"office": "mons"}),
        ("magistrate", {"office": "liege"}),
        ("reference-officer", {"zone": "5330"}),
    ):
        client = pages.client(pages.user(role, role=role, **place))
        assert client.post(f"/register/{alarm}/take", {"for": "criminal"}).status_code == 404, role
    magistrate = pages.client(pages.user("m", role="magistrate", office="mons"))
    assert magistrate.post(f"/register/{alarm}/take", {"for": "everybody"}).status_code == 404
    assert magistrate.get(f"/register/{alarm}/take").status_code == 405
