"""Somebody copied the folder of the Python phone: no word of hers, none of which code was used; none can be tried."""

import json
import sqlite3
from pathlib import Path

import msgspec
import pytest

from egide.companion.app import Answer
from egide.companion.codes import _Kept
from egide.companion.compartments import opened
from egide.protocol.envelope import Kind, Trigger
from egide.protocol.opening import key_of, part_of, stretched, tag_of
from tests.companion.alone import DURESS, PIN, SLOW, one, without_button
from tests.companion.conftest import quick_codes
from tests.companion.phones import Phone, ScriptedServer, scripted
from tests.support.waiting import until_async
from tests.virtual import KEY

__all__ = ["quick_codes"]


def rows_of(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """All tables, as a copy of the folder opens."""
    db = sqlite3.connect(f"file:{folder / 'p.db'}?mode=ro", uri=True)
    tables = [name for (name,) in db.execute("select name from sqlite_master where type = 'table'")]
    found = {table: db.execute(f"select * from {table}").fetchall() for table in tables}
    db.close()
    return found


def bytes_of(folder: Path) -> bytes:
    """Every byte, also of the write-ahead log and of free pages."""
    return b"".join(file.read_bytes() for file in sorted(folder.iterdir()))


async def at_rest(her: Phone, server: ScriptedServer, said: Kind) -> None:
    """Until this was said, and nothing waits to be sent."""
    await one(server, said)
    await until_async(lambda: her.store.next_other() is None and not her.store.unsent_presses())


async def make_test(her: Phone) -> None:
    her.app.arm_test()
    her.app.press_on_screen()
    await her.steps.wait_for("phone.test_received")


async def test_the_folder_holds_neither_her_page_nor_a_code_to_be_tried(tmp_path: Path) -> None:
    # Long ones: no other digits look like them by chance.
    own, threat = "86420975", "97531864"
    async with scripted(KEY, SLOW) as server, without_button(tmp_path / "p.db", server) as her:
        await her.app.choose_pins(own, threat)
        await make_test(her)
        assert await her.app.unlock(own) is Answer.OPEN
        found = bytes_of(tmp_path)
        rows = rows_of(tmp_path)
    assert b"button_key" in found, "the attack works: what a press needs is read"
    for secret in (own, threat, '"kit":"k"', '"button_id":"b1"', '"pin"', '"duress"', "threat", "tested"):
        assert secret.encode() not in found, secret
    kept = json.loads(rows["codes"][0][1])  # type: ignore[arg-type]
    assert len({(len(box["head"]), len(box["page"])) for box in kept["compartments"]}) == 1


async def test_four_digits_cannot_be_tried_without_the_server(tmp_path: Path) -> None:
    async with scripted(KEY, SLOW) as server, without_button(tmp_path / "p.db", server) as her:
        asked = len(server.tags)
        kept = her.store.codes()
        assert kept is not None
        seed = rows_of(tmp_path)["phone"][0][1]
        assert isinstance(seed, bytes)
    box = msgspec.json.decode(kept, type=_Kept)
    salt = bytes.fromhex(box.salt)
    # Anyone who has the folder has the salt and the phone's key. With the right code and every half that these give,
    # nothing opens.
    for code in (PIN, DURESS):
        stretch = stretched(code, salt)
        tag = tag_of(stretch)
        halves = [bytes(32), seed, salt * 2, tag, stretch, part_of(seed, tag), part_of(salt, tag)]
        keys = [stretch, *(key_of(stretch, half) for half in halves)]
        assert [opened(key, box.compartments) for key in keys] == [None] * len(keys)
    assert len(server.tags) == asked
    # With the server's half the right code opens: what was tried above was the right way.
    stretch = stretched(PIN, salt)
    assert opened(key_of(stretch, part_of(bytes(32), tag_of(stretch))), box.compartments) is not None


@pytest.mark.parametrize("way", ["unlock", "cancel"])
@pytest.mark.parametrize("is_open", [False, True])
async def test_no_byte_tells_which_code_was_entered(tmp_path: Path, way: str, is_open: bool) -> None:
    for code, told in ((PIN, None), (DURESS, Trigger.DURESS), ("0000", None)):
        folder = tmp_path / code
        folder.mkdir()
        async with scripted(KEY, SLOW) as server, without_button(folder / "p.db", server) as her:
            # Seen by somebody, so that her places are told seldom.
            server.state = "acknowledged"
            await at_rest(her, server, Kind.HEARTBEAT)
            if is_open:
                her.app.press_on_screen()
                await at_rest(her, server, Kind.POSITION)
            before = bytes_of(folder)
            answer = await getattr(her.app, way)(code)
            assert answer is (Answer.WRONG if code == "0000" else Answer.OPEN)
            assert bytes_of(folder) == before, "entering a code wrote something"
            kind = Kind.CANCEL if is_open else Kind.PRESS
            triggers = [message.trigger for message in server.messages(kind)]
            assert (Trigger.DURESS in triggers) is (told is not None), "the desk knows"


@pytest.mark.parametrize("code", [PIN, DURESS])
async def test_signs_of_life_after_a_code_leave_the_same_whichever_it_was(tmp_path: Path, code: str) -> None:
    async with scripted(KEY, SLOW) as server, without_button(tmp_path / "p.db", server) as her:
        await at_rest(her, server, Kind.HEARTBEAT)
        before = rows_of(tmp_path)
        assert await her.app.unlock(code) is Answer.OPEN
        beats = len(server.messages(Kind.HEARTBEAT))
        her.app.core.tell_now()
        await server.until(lambda: len(server.messages(Kind.HEARTBEAT)) > beats)
        await until_async(lambda: her.store.next_other() is None)
        after = rows_of(tmp_path)
    assert (after["press"], after["outbox"]) == ([], [])
    # One counter for the sign of life; what the code told used up none that is kept.
    assert after.pop("phone")[0][-1] == before.pop("phone")[0][-1] + 1  # type: ignore[operator]
    assert after == before
