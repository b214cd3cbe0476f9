"""Inputs to begin with: what the contracts hold, and small files as people would bring them."""

import io
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

import msgspec

from egide.connectors.ng112 import lost, pidf
from egide.journal.proof.checkpoint import sign
from egide.journal.proof.export import FORMAT, Header, write_export
from egide.protocol.frame import ButtonFrame, FrameKind, encode_ack, encode_frame, encode_hold
from egide.protocol.keys import SigningKey
from tests.fuzz.whole_files import papers, pictures
from tests.support.installation import Installation

CONTRACTS = Path(__file__).parents[2] / "contracts"
_TAP = b"kind=help&id=0123456789abcdef-0001&age_s=12&lat_e7=504542000&lon_e7=39523000&accuracy_m=12&text=x"
_TABLE = b'kind;serial;model\nphone;S-1;Model A\nbutton;S-2;"Model; B"\n'
_SQUARE = [[4.0, 50.4], [4.1, 50.4], [4.1, 50.5], [4.0, 50.5], [4.0, 50.4]]
_PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"


def of_contracts(what: str) -> Iterator[bytes]:
    """The examples that the contracts hold of this kind."""
    vectors, sms, bthome = (_read(name) for name in ("vectors.json", "sms.json", "bthome.json"))
    if what in ("payload", "envelope"):
        for vector in vectors["valid"] + [v for v in vectors["malformed"] if what in v]:
            yield bytes.fromhex(vector[what])
    elif what == "frame":
        yield b"\x00" + encode_frame(ButtonFrame(FrameKind.PRESS, 7, 2100, 3, 71), b"\x05" * 16)
        yield b"\x01" + encode_frame(ButtonFrame(FrameKind.PRESS, 7, 2100), b"\x05" * 16)[:-8]
        yield b"\x01" + encode_ack(7, b"\x05" * 16)[:-8]
        yield b"\x01" + encode_hold(7, 3000, b"\x05" * 16)[:-8]
    elif what == "broadcast":
        yield b"\x01\x00\x05\x01\x4c\x3a\x04\x3a\x80"
        yield from (b"\x00" + bytes.fromhex(case["data"]) for case in bthome["cases"])
    elif what == "sms-text":
        yield from (part.encode() for one in sms["texts"] + sms["asking"] for part in one["parts"])
    elif what == "sms-binary":
        for one in sms["binary"]:
            header = bytes.fromhex(one["udh"])
            yield bytes([len(header)]) + header + bytes.fromhex(one["data"])
            yield f"{one['udh']} {one['data']}".encode()
    elif what == "sms-kannel":
        for one in sms["binary"]:
            header, content = (quote_from_bytes(bytes.fromhex(one[name])) for name in ("udh", "data"))
            yield f"from=%2B3200&text={content}&udh={header}&coding=1&charset=8-BIT&id=a".encode()
        for one in sms["texts"]:
            yield from (f"text={part.replace('/', '%2F')}&udh=&coding=0".encode() for part in one["parts"])
        yield b"answer=%s&mark=%s&type=2" % (b"00" * 32, b"00" * 16)
    else:
        yield from (b'call\n{"text":"%s"}' % part.encode() for one in sms["texts"] for part in one["parts"])
        for one in sms["binary"]:
            yield b"call\n" + json.dumps({"udh": one["udh"], "data": one["data"]}).encode()


def of_files(what: str) -> Iterator[bytes]:
    """Files and forms as people bring them."""
    if what == "tap":
        yield _TAP
    elif what == "table":
        yield from (_TABLE, _TABLE.replace(b";", b","), b"\xef\xbb\xbf" + _TABLE.replace(b"\n", b"\r\n"))
    elif what == "traccar":
        event = {
            "type": "alarm",
            "id": 7,
            "eventTime": "2026-11-30T10:45:34+00:00",
            "attributes": {"alarm": "sos"},
        }
        position = {
            "latitude": 50.45,
            "longitude": 3.95,
            "accuracy": 8.5,
            "fixTime": "2026-11-30T10:45:30+00:00",
        }
        yield json.dumps({"event": event, "device": {"uniqueId": "1"}, "position": position}).encode()
    elif what == "zones":
        shape = {"type": "Polygon", "coordinates": [_SQUARE]}
        feature = {"type": "Feature", "properties": {"number": "5324", "name": "A"}, "geometry": shape}
        yield json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()
    elif what == "checkpoints":
        yield msgspec.json.encode(sign(SigningKey(b"\x07" * 32), 7, bytes(32), 1_800_000_000_000_000)) + b"\n"
    elif what == "photo":
        yield from pictures()
    else:
        yield from (_PDF, _PDF.replace(b"/Catalog", b"/Catalog /OpenAction 2 0 R"))
        yield from papers()


def of_journal() -> Iterator[bytes]:
    """An export of a small journal."""
    with tempfile.TemporaryDirectory() as place, Installation(Path(place)) as installation:
        installation.open_alarm(installation.enrol())
        file = io.BytesIO()
        write_export(Header(FORMAT, 1), installation.journal.every(), file)
        yield file.getvalue()


def _read(name: str) -> Any:
    return json.loads((CONTRACTS / name).read_text(encoding="utf-8"))


def of_sip(what: str) -> Iterator[bytes]:
    """Answers over SIP, and questions and answers of LoST."""
    if what == "answer":
        head = b'Via: SIP/2.0/TLS 192.0.2.1:4;branch=z9hG4bK0\r\nCSeq: 7 MESSAGE\r\nAlertMsg-Error: 103;message="x"\r\n'
        yield b"SIP/2.0 200 OK\r\n" + head + b"Content-Length: 0\r\n\r\n"
        yield (
            b"\r\n\r\nSIP/2.0 100 Trying\r\nv: a\r\n b\r\nl: 2\r\n\r\nhiSIP/2.0 425 Bad\r\n"
            + head
            + b"l: 0\r\n\r\n"
        )
        challenge = b'WWW-Authenticate: Digest realm="a", nonce="1", algorithm=MD5, qop="auth,auth-int"\r\n'
        yield b"SIP/2.0 401 Unauthorized\r\n" + head + challenge + b"l: 0\r\n\r\n"
        return
    question = lost.question(pidf.Circle(50.4542, 3.9523, 20), "urn:service:sos.police")
    if what == "question":
        yield from (question, question.replace(b"Circle", b"Ellipse").replace(b"radius", b"semiMajorAxis"))
        yield b'<listServices xmlns="urn:ietf:params:xml:ns:lost1"/>'
        yield pidf.place_of(pidf.Circle(50.4542, 3.9523, 20, 0), "0" * 32, "police.example").encode()
        return
    mapping = lost.Mapping(
        service="urn:service:sos.police",
        uri="sips:hai@psap.example",
        source="lost.police.example",
        source_id="5324",
        updated_us=0,
        expires_us=1_800_000_000_000_000,
        number="101",
        names={"fr": "Mons/Quévy"},
    )
    yield lost.answered(lost.query_in(question), mapping, "lost.police.example", "defaultMappingReturned")
    yield lost.refused("locationProfileUnrecognized", "lost.police.example", "civic")
