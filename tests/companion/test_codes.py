"""The two codes of the Python phone: what they open, without the server too, and a store of an older version."""

import asyncio
import hashlib
from pathlib import Path

import msgspec
import pytest

from egide.companion.app import Answer
from egide.companion.choices import Choices
from egide.companion.compartments import Page, opened, rewritten, sealed
from egide.companion.pin import HashedPin
from egide.companion.sending.sender import SendRefused
from egide.protocol.envelope import Kind, Trigger
from egide.protocol.receipt import Pending
from tests.companion.alone import DURESS, PIN, SLOW, one, without_button
from tests.companion.phones import phone, scripted
from tests.virtual import KEY, on_air, phone_store

OWN, THREAT, OTHER = bytes([1]) * 32, bytes([2]) * 32, bytes([3]) * 32
PAGE = Page("kit", "button", 7)


def test_each_compartment_is_opened_by_its_own_key_and_by_no_other() -> None:
    both = sealed(OWN, THREAT, PAGE)
    mine, other = opened(OWN, both), opened(THREAT, both)
    assert mine is not None and (mine.is_threat, mine.page) == (False, PAGE)
    assert other is not None and (other.is_threat, other.page) == (True, Page())
    assert opened(OTHER, both) is None


def test_they_look_alike_whichever_is_whose_and_whatever_is_in_them() -> None:
    looks = [sealed(OWN, THREAT, PAGE), sealed(OWN, THREAT, Page("k" * 300))]
    assert len({(len(one.head), len(one.page)) for both in looks for one in both}) == 1
    places = {mine.at for _ in range(60) if (mine := opened(OWN, sealed(OWN, THREAT, PAGE))) is not None}
    assert places == {0, 1}
    with pytest.raises(ValueError, match="at most 512"):
        sealed(OWN, THREAT, Page("k" * 600))


@pytest.mark.parametrize("which", [OWN, THREAT])
def test_both_look_new_after_whichever_was_written_and_the_other_keeps_its_page(which: bytes) -> None:
    before = sealed(OWN, THREAT, PAGE)
    was = opened(which, before)
    assert was is not None
    after = rewritten(was, Page(tested_at_ms=9), before)
    assert [one.head for one in after] == [one.head for one in before]
    assert all(new.page != old.page for new, old in zip(after, before, strict=True))
    again, left = opened(which, after), opened(THREAT if which == OWN else OWN, after)
    assert again is not None and again.page.tested_at_ms == 9
    assert left is not None and left.page == (Page() if which == OWN else PAGE)


@pytest.mark.parametrize(
    ("status", "answer"), [(401, Answer.OFFLINE), (503, Answer.OFFLINE), (429, Answer.OFTEN)]
)
async def test_without_the_servers_half_no_code_opens_and_a_press_goes_out(
    tmp_path: Path, status: int, answer: Answer
) -> None:
    async with scripted(KEY, SLOW) as server, without_button(tmp_path / "p.db", server) as her:
        server.opening_status = status
        assert [await her.app.unlock(code) for code in (PIN, DURESS, "0000")] == [answer] * 3
        assert server.messages(Kind.PRESS) == []
        her.app.press_on_screen()
        await her.receipt()


async def test_the_server_hears_the_same_of_every_code(tmp_path: Path) -> None:
    async with scripted(KEY, SLOW) as server, without_button(tmp_path / "p.db", server) as her:
        server.tags.clear()
        for code in (PIN, DURESS, "0000", PIN):
            await her.app.unlock(code)
        assert (len(server.tags), len(set(server.tags)), server.tags[0] == server.tags[3]) == (4, 3, True)


async def test_a_press_under_threat_whose_answer_is_lost_is_tried_again_and_is_one(tmp_path: Path) -> None:
    async with scripted(KEY, SLOW) as server, without_button(tmp_path / "p.db", server) as her:
        server.lose_every_other(Kind.PRESS)
        assert await her.app.unlock(DURESS) is Answer.OPEN
        presses = server.got_of(Kind.PRESS)
        assert (len(presses), len(set(presses))) == (2, 1)


async def test_an_alarm_that_memory_alone_knew_is_followed_after_a_restart(tmp_path: Path) -> None:
    async with scripted(KEY, SLOW) as server:
        async with without_button(tmp_path / "p.db", server) as her:
            assert await her.app.unlock(DURESS) is Answer.OPEN
        server.alarm_at_rest, server.pending = "k-1", (Pending("quiet"), Pending("text", "safe"))
        async with without_button(tmp_path / "p.db", server) as her:
            before = len(server.messages(Kind.POSITION))
            await one(server, Kind.POSITION, before + 2)
            assert (her.store.open_press(), her.steps.named("phone.asks")) == (None, [])


async def test_codes_are_chosen_anew_only_after_opening_with_one(tmp_path: Path) -> None:
    async with scripted(KEY, SLOW) as server:
        async with without_button(tmp_path / "p.db", server):
            pass
        async with without_button(tmp_path / "p.db", server) as her:
            with pytest.raises(ValueError, match="unlock first"):
                await her.app.choose_pins("4321", "8765")
            await her.app.unlock(PIN)
            await her.app.choose_pins("4321", "8765")
            assert await her.app.unlock(PIN) is Answer.WRONG
            assert await her.app.unlock("4321") is Answer.OPEN


async def test_what_is_chosen_while_codes_are_is_kept_with_them(tmp_path: Path) -> None:
    async with scripted(KEY, SLOW) as server, without_button(tmp_path / "p.db", server) as her:
        await her.app.unlock(PIN)
        her.app.choose(listens=True)
        choosing = asyncio.create_task(her.app.choose_pins("4321", "8765"))
        await asyncio.sleep(0)
        her.app.choose(listens=False)
        assert not choosing.done()
        await choosing
        assert not her.store.choices().listens
        assert not her.app.around.wants_microphone


def bytes_of(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


def hashed(code: str) -> HashedPin:
    """A code as older versions kept it."""
    salt = bytes(16)
    return HashedPin(salt, hashlib.pbkdf2_hmac("sha256", code.encode(), salt, 200_000))


async def test_a_store_of_before_opens_with_its_old_code_until_both_are_chosen_again(tmp_path: Path) -> None:
    path = tmp_path / "p.db"
    old = Choices(pin=hashed(PIN), duress=hashed(DURESS), vibrates=True, tested_at_us=5000)
    kept = msgspec.json.decode(msgspec.json.encode(old))
    async with scripted(KEY, SLOW) as server, on_air() as air:
        async with phone(air, path, (server.url,)) as her:
            her.store.do_choose(old)
        store = phone_store(path)
        # What the older version kept of an alarm under threat.
        store._db.execute("update phone set choices = ?", (msgspec.json.encode(kept | {"quiet": "threat"}),))
        store.close()
        async with phone(air, path, (server.url,)) as her:
            await her.steps.wait_for("phone.codes_due")
            assert await her.app.unlock("0000") is Answer.WRONG
            assert await her.app.unlock(DURESS) is Answer.OPEN
            assert (await one(server, Kind.PRESS)).trigger == Trigger.DURESS
            server.opening_status = 429
            with pytest.raises(SendRefused):
                await her.app.choose_pins("4321", "8765")
            assert await her.app.unlock(PIN) is Answer.OPEN
            server.opening_status = 201
            await her.app.choose_pins("4321", "8765")
            assert await her.app.unlock("4321") is Answer.OPEN
    files = bytes_of(tmp_path)
    assert b"vibrates" in files
    for word in (b'"pin"', b'"duress"', b"threat", b'"kit":"k"', b"tested_at_us"):
        assert word not in files, word
