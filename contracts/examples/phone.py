"""A phone that enrols and presses, without any of Egide's software.

    python phone.py enrol SERVER CODE FOLDER    make a key, enrol it by a code that an officer's page shows
    python phone.py press FOLDER                say that she pressed, until a receipt verifies
    python phone.py texts FOLDER [ANSWER]       the same press as two text messages; ANSWER is the number of a sentence

Needs Python 3.11 and the package `cryptography`. FOLDER keeps the key, the counter and what has no receipt yet.
"""

import base64
import hashlib
import json
import os
import random
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def post(url: str, body: bytes, kind: str) -> tuple[int, dict]:
    """Status and JSON of the answer; status 0 when nobody answered."""
    request = urllib.request.Request(url, body, {"Content-Type": kind})
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.loads(refused.read() or b"{}")
    except OSError:
        return 0, {}


def keep(folder: Path, state: dict) -> None:
    """On the disk before anything is sent; readable for nobody else."""
    draft = folder / "phone.draft"
    draft.touch(mode=0o600)
    with draft.open("w", encoding="utf-8") as file:
        json.dump(state, file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(folder / "phone.json")


def enrol(server: str, code: str, folder: Path) -> None:
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    plain = "".join(code.split()).replace("-", "").upper()
    code_hash = hashlib.sha256(b"egide-code-1\0" + plain.encode()).digest()
    client = {"kind": "native", "version": "1.0"}
    said = f"{client['kind']}\0{client['version']}".encode()
    signature = key.sign(b"egide-enrolment-2\0" + code_hash + public + said)
    state = {"key": b64(key.private_bytes_raw()), "counter": 0}
    keep(folder, state)
    request = {"code": code, "public_key": b64(public), "signature": b64(signature), "client": client}
    status, reply = post(f"{server}/v1/enrolments", json.dumps(request).encode(), "application/json")
    if status != 201:
        sys.exit(f"not enrolled: {status} {reply.get('reason', '')}")
    keep(folder, state | {name: reply[name] for name in ("kid", "server_key", "servers", "settings")})
    print(json.dumps({"kid": reply["kid"]}))


def head(major: int, number: int) -> bytes:
    """The head of a CBOR item in its shortest form."""
    if number < 24:
        return bytes([major << 5 | number])
    for size, more in ((1, 24), (2, 25), (4, 26)):
        if number < 1 << 8 * size:
            return bytes([major << 5 | more]) + number.to_bytes(size, "big")
    raise ValueError(number)


def number(value: int) -> bytes:
    return head(0, value) if value >= 0 else head(1, -1 - value)


def press(key: Ed25519PrivateKey, counter: int, lat_e7: int, lon_e7: int) -> bytes:
    """The signed envelope: kind 1, counter, time, position with 12 m and 3 s, set off on the screen (trigger 2)."""
    place = head(4, 5) + b"".join(map(number, (lat_e7, lon_e7, 12, 3, 1)))
    fields = {1: number(1), 2: number(counter), 3: number(int(time.time())), 4: place, 7: number(2)}
    payload = head(5, len(fields)) + b"".join(number(name) + value for name, value in sorted(fields.items()))
    kid = hashlib.sha256(key.public_key().public_bytes_raw()).digest()[:8]
    protected = bytes.fromhex("4da201270448") + kid
    sealed = head(2, len(payload)) + payload
    signature = key.sign(bytes.fromhex("846a5369676e617475726531") + protected + b"\x40" + sealed)
    return b"\xd2\x84" + protected + b"\xa0" + sealed + b"\x58\x40" + signature


def pressed(folder: Path) -> dict:
    """What the phone keeps, with a press that has no receipt yet: sealed once, and then sent by every road."""
    state = json.loads((folder / "phone.json").read_text(encoding="utf-8"))
    if not state.get("unsent"):
        counter = state["counter"] + 1
        key = Ed25519PrivateKey.from_private_bytes(unb64(state["key"]))
        state |= {"counter": counter, "unsent": b64(press(key, counter, 504_542_000, 39_523_000))}
        keep(folder, state)
    return state


def texts(envelope: bytes, answer: str = "") -> list[str]:
    """For the number of the gateway, where there is no data; the first half is the longer one."""
    half = (len(envelope) + 1) // 2
    asked = f".{answer}" if answer else ""
    return [f"EG11/2{b64(envelope[:half])}", f"EG12/2{b64(envelope[half:])}{asked}"]


def is_valid(receipt: dict, envelope: bytes, server_key: bytes) -> bool:
    """Whether the server says just this of exactly these bytes."""
    words = [receipt["alarm"], receipt["state"]]
    for one in receipt["pending"]:
        words += [one["what"], one.get("text", "")]
    numbers = (receipt[name].to_bytes(8, "big") for name in ("seq", "received_at", "next_counter"))
    statement = b"egide-receipt-2\0" + hashlib.sha256(envelope).digest() + b"".join(numbers)
    for word in words:
        statement += len(word.encode()).to_bytes(2, "big") + word.encode()
    try:
        Ed25519PublicKey.from_public_bytes(server_key).verify(unb64(receipt["signature"]), statement)
    except InvalidSignature:
        return False
    return True


def send(folder: Path, state: dict) -> None:
    """The same bytes to each address, again and again, until a receipt verifies: whatever is answered."""
    envelope, server_key = unb64(state["unsent"]), unb64(state["server_key"])
    limit = 0.5
    while True:
        for server in state["servers"]:
            status, answer = post(f"{server}/v1/messages", envelope, "application/cose")
            if status == 201 and is_valid(answer, envelope, server_key):
                state |= {"counter": max(state["counter"], answer["next_counter"] - 1), "unsent": None}
                keep(folder, state)
                print(json.dumps({name: answer[name] for name in ("alarm", "state", "seq")}))
                return
            print(f"not yet: {status} {answer.get('reason', answer.get('state', ''))}", file=sys.stderr)
        time.sleep(random.uniform(0.05, limit))
        limit = min(15.0, limit * 2)


def main() -> None:
    match sys.argv[1:]:
        case ["enrol", server, code, folder]:
            enrol(server.rstrip("/"), code, Path(folder))
        case ["press", folder]:
            send(Path(folder), pressed(Path(folder)))
        case ["texts", folder, *answer] if len(answer) < 2:
            print("\n".join(texts(unb64(pressed(Path(folder))["unsent"]), *answer)))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
