"""A telephone and a tracker's service of the client that was written from the reference alone, at a running intake."""

import ast
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

from egide.alarm import events as a
from egide.common.clock import SystemClock, utc
from egide.common.files import replace_secret
from egide.entrypoints.stack.children import Child, open_listener
from egide.events.sources import SourceEnrolled
from egide.intake import receipt_keys
from egide.protocol.keys import SigningKey
from egide.protocol.receipt import Pending, Receipt, sign_receipt
from egide.protocol.receipt_key import hand_on
from egide.protocol.sources import PURPOSE, TRACCAR, source_id
from tests.entrypoints.test_examples_of_phones import SECRET, Running, running
from tests.second_party import client
from tests.second_party.client import Telephone, Unbelievable
from tests.support.installation import Installation

__all__ = ["running"]


def now_s() -> int:
    return SystemClock().now_us() // 1_000_000


def test_it_knows_nothing_of_egide() -> None:
    tree = ast.parse(Path(client.__file__).read_text("utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not [name for name in names if name.split(".")[0] in ("egide", "tests")]


def test_its_telephone_enrols_presses_and_believes_what_is_signed_alone(running: Running) -> None:
    kit, phone = running.installation.issue_kit(), Telephone(now_s)
    running.installation.offer(kit, "2NDP-TY22")
    assert phone.enrol(running.url, "2ndp-ty22") == 201 and phone.servers == [running.url]
    press = phone.sealed(client.PRESS, f4=[504542000, 39523000, 20, 3, 1], f5=[80, 255], f7=2)
    assert len(press) <= 133
    status, receipt = phone.send(press)
    assert (status, receipt["alarm"]) == (201, f"{phone.kid.hex()}-1")
    assert running.kinds(receipt["alarm"])[0] == "PressReceived"
    assert phone.send(press)[1]["seq"] == receipt["seq"], "the same bytes are a repeat"
    for changed in ({"state": "acknowledged"}, {"seq": receipt["seq"] + 1}, {"pending": [{"what": "seen"}]}):
        with pytest.raises(Unbelievable):
            phone.believe(press, receipt | changed)
    follow = phone.sealed(client.POSITION, f4=[504543000, 39524000, 15, 1, 1], f8=1)
    assert phone.send(follow)[0] == 201
    alive = phone.sealed(client.HEARTBEAT, f5=[79, 255])
    assert phone.send(alive)[0] == 201
    used = Telephone(now_s, phone.key, phone.counter - 1, phone.server_key, phone.servers)
    assert used.send(used.sealed(client.HEARTBEAT))[0] == 409
    assert Telephone(now_s, servers=phone.servers).send(Telephone(now_s).sealed(client.PRESS))[0] == 401
    assert Telephone(now_s).enrol(running.url, "2ndp-ty22") == 404


def test_its_telephone_hears_how_far_the_alarm_is_by_the_same_bytes_again(running: Running) -> None:
    installation, phone = running.installation, Telephone(now_s)
    installation.offer(installation.issue_kit(), "2NDP-TY23")
    assert phone.enrol(running.url, "2NDP-TY23") == 201
    press = phone.sealed(client.PRESS, f7=2)
    receipts = [phone.send(press)[1]]
    alarm = receipts[0]["alarm"]
    installation.route(alarm)
    for event in (
        a.ShownOnBoard(user="op", centre="mons"),
        a.AlarmAcknowledged(user="op"),
        a.AlarmClosed(user="op", outcome="technical", reason="-"),
    ):
        installation.act(alarm, event)
        receipts.append(phone.send(press)[1])
    assert [one["state"] for one in receipts] == ["received", "shown", "acknowledged", "closed"]
    assert [[one["what"] for one in receipt["pending"]] for receipt in receipts] == [
        [],
        [],
        ["seen"],
        ["closed"],
    ]
    first = {name: receipts[0][name] for name in ("seq", "alarm", "received_at")}
    assert all(first.items() <= receipt.items() for receipt in receipts)


def test_one_that_was_away_while_the_key_changed_finds_the_way_to_it(tmp_path: Path) -> None:
    old, new, strange = (SigningKey.generate() for _ in range(3))
    with Installation(tmp_path / "data", SystemClock()) as installation:
        replace_secret(installation.config.data_dir / receipt_keys.KEY_FILE, bytes(new))
        receipt_keys.do_keep(installation.config, hand_on(old, bytes(new.verify_key)))
        with closing(open_listener()) as listener:
            url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            environment = installation.config.environment() | {"EGIDE_INTAKE_URLS": url}
            child = Child("egide.entrypoints.intake", [], environment, listener)
            child.ready()
            installation.offer(installation.issue_kit(), "2NDP-TY24")
            phone = Telephone(now_s)
            assert phone.enrol(url, "2NDP-TY24") == 201
            phone.server_key = bytes(old.verify_key)
            assert phone.send(phone.sealed(client.PRESS))[0] == 201
            assert phone.server_key == bytes(new.verify_key)
            phone.server_key = bytes(strange.verify_key)
            with pytest.raises(Unbelievable):
                phone.send(phone.sealed(client.PRESS))
            child.stop()


def test_its_tracker_raises_an_alarm(running: Running) -> None:
    installation = running.installation
    kit, name = installation.issue_kit(), "862000000000017"
    source = source_id(installation.keys.purpose_key(PURPOSE).raw, TRACCAR, name)
    event = SourceEnrolled(source=source, kit=kit.kit, road=TRACCAR, name=name, user="officer")
    installation.append(f"source:{source}", event, case=kit.case)
    now = utc(now_s() * 1_000_000).isoformat()
    position = {"valid": True, "fixTime": now, "latitude": 50.45, "longitude": 3.95, "accuracy": 12.0}
    said = {"type": "alarm", "eventTime": now, "attributes": {"alarm": "sos"}}
    forward = {"event": said, "position": position, "device": {"uniqueId": name}}
    assert client.report(running.url, SECRET, forward) == 200
    assert client.report(running.url, "x" * 40, forward) == 401
    assert client.report(running.url, SECRET, forward) == 200
    (alarm,) = {one for one in installation.journal.open_alarms() if one.startswith(source)}
    assert running.kinds(alarm) == ["SourcePressed"]


def test_it_follows_a_changed_key_of_receipts_by_links_that_hold_and_no_other(running: Running) -> None:
    first, second, third = (SigningKey.generate() for _ in range(3))
    phone = Telephone(now_s, server_key=bytes(first.verify_key), servers=[running.url])

    def link(key: SigningKey, following: SigningKey) -> str:
        both = bytes(key.verify_key) + bytes(following.verify_key)
        signature = key.sign(b"egide-receipt-key-1\0" + both).signature
        return client.b64url(bytes(following.verify_key) + signature)

    def receipt(key: SigningKey, *texts: str) -> Receipt:
        pending = tuple(Pending("key", text) for text in texts)
        unsigned = Receipt(7, "", 1_800_000_000_000, "noted", 2, pending)
        return sign_receipt(key, sha256(b"message").digest(), unsigned)

    def believe(key: SigningKey, *texts: str) -> None:
        phone.believe(b"message", msgspec.to_builtins(receipt(key, *texts)))

    # Signed by somebody else than the key in force: nothing is pinned.
    believe(first, link(second, third))
    for stranger in (second, third):
        with pytest.raises(Unbelievable):
            believe(stranger)
    believe(first, link(first, second), link(first, third))
    believe(first)
    believe(second)
    for other in (first, third):
        with pytest.raises(Unbelievable):
            believe(other)
    assert phone.server_key == bytes(second.verify_key)
