"""Somebody stands in for the server: with a key of his own, one that was replaced, or a link of his own making."""

import hashlib
from pathlib import Path

import msgspec
import pytest
from aiohttp import web

from egide.common.encoding import from_base64url
from egide.companion.sending.sender import Sender, SendRefused
from egide.companion.store import PhoneStore
from egide.protocol.enrolment import make_request
from egide.protocol.envelope import Kind, Message
from egide.protocol.keys import SigningKey
from egide.protocol.receipt import Pending, Receipt, sign_receipt
from egide.protocol.receipt_key import PENDING, Pinned, hand_on
from tests.companion.phones import ScriptedServer, phone_store, scripted

OLD, NEW, THIEF = (SigningKey(hashlib.sha256(bytes([9, number])).digest()) for number in range(3))


def public(key: SigningKey) -> bytes:
    return bytes(key.verify_key)


def link(key: SigningKey, following: SigningKey) -> str:
    return hand_on(key, public(following))


def signs(server: ScriptedServer, key: SigningKey, *links: str, chain: tuple[str, ...] = ()) -> None:
    """From now on this server signs with `key`, says these links, and tells this chain to whoever asks."""

    async def answer(data: bytes) -> web.Response:
        plain = Receipt(1, "", 1, "noted", 1, tuple(Pending(PENDING, one) for one in links))
        receipt = sign_receipt(key, hashlib.sha256(data).digest(), plain)
        return web.Response(status=201, body=msgspec.json.encode(receipt))

    server.script, server.links = answer, chain


async def pressed(store: PhoneStore, *servers: ScriptedServer) -> Pinned:
    """What a phone that starts, presses and is answered believes then. Raises SendRefused when it believes nobody."""
    enrolment = store.enrolment()
    assert enrolment is not None
    press = store.do_add_press(None, Message(kind=Kind.PRESS, counter=0, sent_at_s=1_800_000_000))
    assert press is not None
    async with Sender(tuple(server.url for server in servers)) as sender:
        sender.trust(msgspec.structs.replace(enrolment, servers=()), store.key_ahead(), store.do_pin)
        await sender.send(press.data)
    return believed(store)


def believed(store: PhoneStore) -> Pinned:
    enrolment = store.enrolment()
    assert enrolment is not None
    return Pinned(from_base64url(enrolment.server_key), store.key_ahead())


async def enrolled(path: Path, server: ScriptedServer) -> PhoneStore:
    store = phone_store(path)
    server.key = OLD
    async with Sender((server.url,)) as sender:
        store.do_enrol(await sender.enrol(make_request("code", store.key)))
    return store


@pytest.mark.parametrize("chain", [(), (link(THIEF, THIEF),), (link(OLD, NEW), link(THIEF, THIEF))])
async def test_a_key_of_his_own_and_links_that_ours_never_signed(
    tmp_path: Path, chain: tuple[str, ...]
) -> None:
    async with scripted(bytes(16)) as server:
        store = await enrolled(tmp_path / "p.db", server)
        signs(server, THIEF, link(THIEF, THIEF), chain=chain)
        with pytest.raises(SendRefused):
            await pressed(store, server)
        assert believed(store) == Pinned(public(OLD))


async def test_he_adds_a_link_to_an_answer_of_ours(tmp_path: Path) -> None:
    async with scripted(bytes(16)) as server:
        store = await enrolled(tmp_path / "p.db", server)
        signs(server, OLD, link(THIEF, THIEF), "", link(NEW, THIEF))
        assert await pressed(store, server) == Pinned(public(OLD)), "signed by us, but no link of ours"

        async def spoilt(data: bytes) -> web.Response:
            receipt = sign_receipt(OLD, hashlib.sha256(data).digest(), Receipt(1, "", 1, "noted", 1, ()))
            changed = msgspec.structs.replace(receipt, pending=(Pending(PENDING, link(OLD, NEW)),))
            return web.Response(status=201, body=msgspec.json.encode(changed))

        server.script = spoilt
        with pytest.raises(SendRefused):
            await pressed(store, server)
        assert believed(store) == Pinned(public(OLD)), "a true link in a reply that nobody signed"


async def test_a_key_that_was_replaced_comes_back(tmp_path: Path) -> None:
    async with scripted(bytes(16)) as server:
        store = await enrolled(tmp_path / "p.db", server)
        signs(server, OLD, link(OLD, NEW))
        assert await pressed(store, server) == Pinned(public(OLD), public(NEW))
        signs(server, NEW)
        assert await pressed(store, server) == Pinned(public(NEW))
        # With the old key he can sign receipts and links as he likes, and replay those of then.
        for key, links in (
            (OLD, (link(OLD, NEW),)),
            (OLD, (link(OLD, THIEF),)),
            (THIEF, (link(OLD, THIEF),)),
        ):
            signs(server, key, *links, chain=(link(OLD, NEW), link(OLD, THIEF), link(NEW, NEW)))
            with pytest.raises(SendRefused):
                await pressed(store, server)
        assert believed(store) == Pinned(public(NEW))


async def test_the_old_key_is_stolen_while_the_new_one_waits(tmp_path: Path) -> None:
    async with scripted(bytes(16)) as server:
        store = await enrolled(tmp_path / "p.db", server)
        signs(server, OLD, link(OLD, NEW))
        await pressed(store, server)
        signs(server, OLD, link(OLD, THIEF))
        assert await pressed(store, server) == Pinned(public(OLD), public(NEW)), "the first stays"
        signs(server, THIEF, chain=(link(OLD, THIEF), link(OLD, NEW)))
        with pytest.raises(SendRefused):
            await pressed(store, server)


async def test_who_stands_in_for_us_at_one_address_holds_up_no_press_at_another(tmp_path: Path) -> None:
    async with scripted(bytes(16)) as his, scripted(bytes(16)) as ours:
        store = await enrolled(tmp_path / "p.db", ours)
        signs(his, THIEF, chain=(link(THIEF, THIEF),))
        signs(ours, OLD)
        assert await pressed(store, his, ours) == Pinned(public(OLD))
        assert his.asked_links == 0, "nobody waits for his chain while ours answers"
        signs(ours, NEW, chain=(link(OLD, NEW),))
        assert await pressed(store, his, ours) == Pinned(public(NEW)), (
            "nor does it keep us from following our own"
        )
