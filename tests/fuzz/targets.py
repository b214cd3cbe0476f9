"""Every decoder of what comes from outside, as a function of bytes: it gives a value, or raises its own named error.

Where something writes what the decoder reads, the value is written back and must be the same bytes. What a MAC keeps
strangers from reaching is tried behind it too: the first byte says whether the bytes are sealed before they are read.
Time and memory are bounded by `make fuzz`, which also looks for inputs that reach new lines.
"""

import contextlib
import csv
import io
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESCCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

from egide.alarm.rules import Refused
from egide.boards.team.taps import tap_of
from egide.casework.papers.scans import clean_scan
from egide.casework.papers.uploads import BadUpload, clean_photo
from egide.common.callers import Proxies
from egide.common.encoding import NotJson, from_json, to_base64url
from egide.common.sealing import SealingKey
from egide.common.ticket import TicketError
from egide.common.ticket import check as check_ticket
from egide.connectors.kannel import Login
from egide.connectors.mqtt.carrier import body_of
from egide.connectors.sms.gateway import BadCallback, Gateway
from egide.connectors.sms.kannel import KannelGateway
from egide.connectors.sms.rules import NotOurs, read_binary, read_text
from egide.connectors.webhooks import Unauthentic, signature_of
from egide.geography.zone_file import check_identity, check_shapes, read_features
from egide.geography.zones import ZoneFileError
from egide.imports.reading import read_table
from egide.journal.proof.checkpoint import read_checkpoints
from egide.journal.proof.export import BadExport, read_export
from egide.journal.proof.verify import ChainBroken
from egide.protocol import bthome, cbor, envelope, frame
from egide.protocol.enrolment import EnrolmentReply, EnrolmentRequest, Settings, check_request, make_request
from egide.protocol.keys import SigningKey, kid_of
from egide.protocol.opening import OpeningRequest, check_opening, make_opening
from egide.protocol.receipt import Pending, Receipt, receipt_is_valid, sign_receipt
from egide.protocol.receipt_key import ReceiptKeys, hand_on, handed_on
from egide.protocol.sources import read_heard
from tests.fuzz.addresses import push_address
from tests.fuzz.answers import conform_record, lost_answer, lost_question, sip_answer, sip_chat, ucri2_queue
from tests.fuzz.beginnings import of_contracts, of_files, of_journal, of_queue, of_sip
from tests.fuzz.devices import dc09_answer, dc09_frame, mqtt_packets, of_dc09, traccar_event
from tests.fuzz.sandboxed import sandbox_call, sandbox_script

KEY, FRAME_KEY = SigningKey(b"\x07" * 32), b"\x05" * 16
ADDRESS, NONCE, SECRET, PORT = bytes(6), bytes(8), b"\x09" * 32, 16161
KANNEL = Login("egide", "a-password-of-the-fuzzing")
NOW_S = 1_800_000_000


class Target(NamedTuple):
    """`check` raises what nobody expects; `seeds` are inputs to begin with, of `longest` bytes at most."""

    check: Callable[[bytes], None]
    seeds: Callable[[], Iterator[bytes]]
    longest: int = 4096


def cbor_value(data: bytes) -> None:
    try:
        value = cbor.decode(data)
    except cbor.CborError:
        return
    assert cbor.encode(value) == data


def message(data: bytes) -> None:
    """The payload of an envelope, as it is read once its seal is known to be good."""
    kid = kid_of(bytes(KEY.verify_key))
    sealed = envelope.Sealed(kid, data, b"")
    try:
        read = sealed.read()
    except envelope.EnvelopeError:
        return
    assert envelope.unwrap(envelope.encode(read, KEY)).payload == data


def envelope_whole(data: bytes) -> None:
    try:
        sealed = envelope.unwrap(data)
    except envelope.EnvelopeError:
        return
    assert envelope.seal_payload(sealed.kid, sealed.payload, sealed.signature) == data
    sealed.is_signed_by(bytes(KEY.verify_key))


# What each kind of frame is sealed with, how it is read, and how it is written.
FRAMES: tuple[tuple[bytes, Callable[..., Any], Callable[..., bytes]], ...] = (
    (b"egide-b1", frame.decode_frame, frame.encode_frame),
    (b"egide-p1", frame.decode_ack, frame.encode_ack),
    (b"egide-s1", frame.decode_hold, lambda read, key: frame.encode_hold(*read, key)),
)


def button_frame(data: bytes) -> None:
    content = data[1:]
    for word, decode, encode in FRAMES:
        sealed = content
        if data[:1] == b"\x01":
            mac = CMAC(AES(FRAME_KEY))
            mac.update(word + content)
            sealed += mac.finalize()[: frame.MAC_BYTES]
        try:
            read = decode(sealed, FRAME_KEY)
        except frame.FrameError:
            continue
        assert encode(read, FRAME_KEY) == sealed
    with contextlib.suppress(frame.FrameError):
        frame.decode_claim(content, NONCE, FRAME_KEY)


def broadcast(data: bytes) -> None:
    content = data[1:]
    if data[:1] == b"\x01":
        nonce = ADDRESS + bthome.UUID16.to_bytes(2, "little") + b"\x45" + bytes(4)
        sealed = AESCCM(FRAME_KEY, tag_length=4).encrypt(nonce, content, None)
        content = b"\x45" + sealed[:-4] + bytes(4) + sealed[-4:]
    try:
        read = bthome.decode(content, ADDRESS, FRAME_KEY)
    except bthome.BthomeError:
        return
    assert bthome.decode(bthome.encode(read, ADDRESS, FRAME_KEY), ADDRESS, FRAME_KEY) == read


def heard(data: bytes) -> None:
    """What a gateway posts, and then its frame."""
    try:
        read = read_heard(data)
    except ValueError:
        return
    again = msgspec.json.encode({"source": read.source, "frame": read.frame.hex()})
    assert read_heard(again) == read
    broadcast(b"\x00" + read.frame)


def mqtt(data: bytes) -> None:
    """A topic, a line feed, and what was published under it."""
    topic, _line, payload = data.partition(b"\n")
    body = body_of(topic.decode("utf-8", "replace"), "egide/+", payload)
    if body is not None:
        heard(body)


def receipt(data: bytes) -> None:
    try:
        read = from_json(data, Receipt)
    except NotJson:
        return
    receipt_is_valid(read, data, bytes(KEY.verify_key))


def receipt_keys(data: bytes) -> None:
    """What a server tells of its keys; the last one that is reached was handed on by one before it."""
    try:
        links = from_json(data, ReceiptKeys).keys
    except NotJson:
        return
    key = bytes(KEY.verify_key)
    for link in links:
        key = handed_on(link, key) or key
    assert len(key) == 32


def enrolment_reply(data: bytes) -> None:
    try:
        from_json(data, EnrolmentReply)
    except NotJson:
        return


def enrolment(data: bytes) -> None:
    try:
        check_request(from_json(data, EnrolmentRequest))
    except ValueError:
        return


def opening(data: bytes) -> None:
    try:
        check_opening(from_json(data, OpeningRequest))
    except ValueError:
        return


def forwarded(data: bytes) -> None:
    """What a proxy says of a caller, who may have said it first."""
    peer = "10.0.0.1"
    caller = Proxies(["10.0.0.0/24"]).caller(peer, data.decode("latin-1").split("\n"))
    assert Proxies(["192.0.2.0/24"]).caller(peer, data.decode("latin-1").split("\n")) == peer
    assert caller


def sms_text(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    try:
        half = read_text(text)
    except NotOurs:
        return
    press, _, asked = text.strip().partition(".")
    assert press == f"EG1{half.number}/2{to_base64url(half.data)}"
    assert half.answer == (int(asked) if half.answer else 0)


def sms_binary(data: bytes) -> None:
    """The header's length first, then header and content; or the same as text that need not be hexadecimal."""
    with contextlib.suppress(NotOurs):
        read_binary(data[1 : 1 + data[0]].hex(), data[1 + data[0] :].hex(), PORT) if data else None
    header, _, content = data.decode("latin-1").partition(" ")
    with contextlib.suppress(NotOurs):
        read_binary(header, content, PORT)


def sms_callback(data: bytes) -> None:
    gateway = Gateway([SECRET], PORT)
    name, _, body = data.partition(b"\n")
    headers = {
        "webhook-id": name.decode("latin-1"),
        "webhook-timestamp": str(NOW_S),
        "webhook-signature": signature_of(SECRET, "call", str(NOW_S), body),
    }
    for call in (headers, headers | {"webhook-id": "call"}):
        with contextlib.suppress(Unauthentic, BadCallback, NotOurs):
            gateway.read(call, b"", body, NOW_S)


def sms_kannel(data: bytes) -> None:
    """The address of a call, by somebody who has the password and by anybody; and that of a report."""
    gateway = KannelGateway([KANNEL], PORT)
    for authorization in (KANNEL.header, data[:64].decode("latin-1")):
        with contextlib.suppress(Unauthentic, BadCallback, NotOurs):
            gateway.read({"authorization": authorization}, data, b"", NOW_S)
    with contextlib.suppress(Unauthentic, BadCallback):
        gateway.reports("").read(data)


def sms_signature(data: bytes) -> None:
    """Headers of a call as anybody may send them."""
    call, timestamp, signature, *_rest = [*data.decode("latin-1").split("\n"), "", "", ""]
    headers = {"webhook-id": call, "webhook-timestamp": timestamp, "webhook-signature": signature}
    try:
        Gateway([SECRET], PORT).read(headers, b"", data, NOW_S)
    except Unauthentic:
        return
    raise AssertionError("a call that nobody signed was taken")


def ticket(data: bytes) -> None:
    key = SealingKey(bytes(32))
    texts = [data.decode("latin-1"), to_base64url(key.seal(data, b"egide-ticket-2"))]
    for text in texts:
        with contextlib.suppress(TicketError):
            check_ticket(text, bytes(32), NOW_S)


def team_tap(data: bytes) -> None:
    form: Mapping[str, str] = dict(parse_qsl(data.decode("utf-8", "replace"), keep_blank_values=True))
    try:
        tap_of(form)
    except Refused:
        return


def table(data: bytes) -> None:
    read = read_table(data, ("kind", "serial", "model"), ("batch",))
    if read.faults or len(data) > 2000:
        return
    written = io.StringIO()
    rows = [[line[name] for name in ("kind", "serial", "model")] for line in read.lines]
    csv.writer(written).writerows([("kind", "serial", "model"), *rows])
    again = read_table(written.getvalue().encode(), ("kind", "serial", "model"))
    assert [list(line.values.values())[:3] for line in again.lines] == rows


def zones(data: bytes) -> None:
    with tempfile.TemporaryDirectory(prefix="egide-fuzz-") as folder:
        file = Path(folder, "zones.geojson")
        file.write_bytes(data)
        try:
            rows, shapes = read_features(file, {})
            check_shapes(rows, shapes)
            for row in rows:
                check_identity(row)
        except ZoneFileError:
            return


def journal_export(data: bytes) -> None:
    try:
        read_export(io.BytesIO(data))
    except (BadExport, ChainBroken):
        return


def checkpoints(data: bytes) -> None:
    for one in read_checkpoints(data)[0]:
        assert one.is_signed in (True, False)


def photo(data: bytes) -> None:
    try:
        clean_photo(data, 64)
    except BadUpload:
        return


def scan(data: bytes) -> None:
    try:
        clean_scan(data)
    except BadUpload:
        return


def _receipts() -> Iterator[bytes]:
    for pending in ((), (Pending("seen"), Pending("text", "safe"))):
        yield msgspec.json.encode(
            sign_receipt(KEY, bytes(32), Receipt(7, "a-1", NOW_S, "received", 2, pending))
        )


def _links() -> Iterator[bytes]:
    yield msgspec.json.encode(ReceiptKeys((hand_on(KEY, bytes(KEY.verify_key)), "")))


def _replies() -> Iterator[bytes]:
    key = to_base64url(bytes(KEY.verify_key))
    button_key, servers = to_base64url(FRAME_KEY), ("https://a.example",)
    yield msgspec.json.encode(EnrolmentReply("00", "kit", "button", button_key, key, servers, Settings()))


def _openings() -> Iterator[bytes]:
    yield msgspec.json.encode(make_opening(bytes(32), KEY))


def _enrolments() -> Iterator[bytes]:
    yield msgspec.json.encode(make_request("CODE-1", KEY))


TARGETS = {
    "cbor": Target(cbor_value, lambda: of_contracts("payload")),
    "message": Target(message, lambda: of_contracts("payload")),
    "envelope": Target(envelope_whole, lambda: of_contracts("envelope")),
    "frame": Target(button_frame, lambda: of_contracts("frame"), 64),
    "broadcast": Target(broadcast, lambda: of_contracts("broadcast"), 128),
    "heard": Target(
        heard, lambda: iter([b'{"source":"00112233445566aa","frame":"4500000000000000000000"}']), 1024
    ),
    "mqtt": Target(mqtt, lambda: iter([b"egide/00112233445566aa\n4500000000000000000000"]), 512),
    "mqtt-packets": Target(
        mqtt_packets, lambda: iter([b"\x20\x02\x00\x00\x32\xd0\x84\x3d\x00\x01e\x00\x07x"]), 512
    ),
    "dc09-frame": Target(dc09_frame, of_dc09, 1024),
    "dc09-answer": Target(dc09_answer, of_dc09, 512),
    "push-address": Target(push_address, lambda: iter([b"https://ntfy.push.example/upk?up=1", b"120"]), 256),
    "traccar-event": Target(traccar_event, lambda: of_files("traccar")),
    "receipt": Target(receipt, _receipts),
    "receipt-keys": Target(receipt_keys, _links),
    "enrolment-reply": Target(enrolment_reply, _replies),
    "enrolment": Target(enrolment, _enrolments),
    "opening": Target(opening, _openings),
    "forwarded": Target(forwarded, lambda: iter([b"192.0.2.7, 10.0.0.2\n::ffff:10.0.0.3"]), 512),
    "sms-text": Target(sms_text, lambda: of_contracts("sms-text"), 256),
    "sms-binary": Target(sms_binary, lambda: of_contracts("sms-binary"), 256),
    "sms-callback": Target(sms_callback, lambda: of_contracts("sms-callback")),
    "sms-kannel": Target(sms_kannel, lambda: of_contracts("sms-kannel")),
    "sms-signature": Target(sms_signature, lambda: iter([b"call\n1800000000\nv1,AAAA"])),
    "ticket": Target(ticket, lambda: iter([b'{"user":"a","expires_at_s":1900000000,"zones":["5324"]}'])),
    "team-tap": Target(team_tap, lambda: of_files("tap")),
    "table": Target(table, lambda: of_files("table")),
    "zones": Target(zones, lambda: of_files("zones"), 2048),
    "journal-export": Target(journal_export, of_journal),
    "checkpoints": Target(checkpoints, lambda: of_files("checkpoints")),
    "photo": Target(photo, lambda: of_files("photo"), 8192),
    "sip-answer": Target(sip_answer, lambda: of_sip("answer")),
    "sip-chat": Target(sip_chat, lambda: of_sip("chat")),
    "lost-question": Target(lost_question, lambda: of_sip("question")),
    "lost-answer": Target(lost_answer, lambda: of_sip("mapping")),
    "ucri2-queue": Target(ucri2_queue, of_queue),
    "conform-record": Target(conform_record, lambda: iter([b'{"did": "hold"}\n{"frame": "4586e7b0"}'])),
    "sandbox-call": Target(sandbox_call, lambda: of_contracts("envelope")),
    "sandbox-script": Target(
        sandbox_script, lambda: iter([b"press 3: lose the answer\nat 2 min: clock +2 h  # late"]), 512
    ),
    "scan": Target(scan, lambda: of_files("scan"), 8192),
}
