"""A gateway for short messages, as a program of its own: it takes messages on standard input and calls back over HTTP.

`python -m tests.support.sms_gateway --to URL --secrets FILE`. Each line of input is the JSON of one message: `text`, or
`udh` and `data`, with `from` beside, or `raw` (a body as it is). It is called with a fresh time and signature until it
is answered with 2xx, as gateways do, and the last answer is printed as JSON. `times` calls at least so often, `tries`
at most; `skew_s` sets the gateway's clock wrong, `secret` takes another one.
"""

import base64
import hashlib
import hmac
import json
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import requests

from tests.support.waiting import WITHIN_S

PAUSE_S = 0.05
RECORDING = Path(__file__).parents[1] / "connectors" / "sms_wire.json"


def headers_for(secret: str, call: str, body: bytes, now_s: int) -> dict[str, str]:
    """The headers of Standard Webhooks 1.0.0, written apart from the server's own."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mac = hmac.new(key, b"%s.%d.%s" % (call.encode(), now_s, body), hashlib.sha256).digest()
    return {
        "content-type": "application/json",
        "webhook-id": call,
        "webhook-timestamp": str(now_s),
        "webhook-signature": "v1," + base64.b64encode(mac).decode(),
    }


@dataclass
class Message:
    """One message on its way, and how the gateway is to behave."""

    call: str
    body: bytes
    times: int = 1
    tries: int = 1000
    skew_s: int = 0
    secret: str = ""
    answers: list[Any] = field(default_factory=list)

    @classmethod
    def of(cls, line: Mapping[str, Any], number: int) -> "Message":
        """From a line of input. What a real gateway would say beside it is said too."""
        told = {k: line[k] for k in ("text", "udh", "data") if k in line}
        beside = {
            "from": line.get("from", "+32470000000"),
            "to": "+32480000000",
            "received_at": "2026-11-25T12:00:00Z",
        }
        body = line["raw"].encode() if "raw" in line else json.dumps({**beside, **told}).encode()
        own = {k: line[k] for k in ("times", "tries", "skew_s", "secret") if k in line}
        return cls(call=line.get("call", f"msg_{number}"), body=body, **own)


class Caller:
    """Calls one address."""

    def __init__(self, url: str, secret: str) -> None:
        self._url = url
        self._secret = secret

    def deliver(self, message: Message) -> dict[str, Any]:
        """Call until it is taken; what was answered last, and every status. 0 stands for no answer."""
        statuses: list[int] = []
        answer: Any = None
        while len(statuses) < message.tries:
            headers = headers_for(
                message.secret or self._secret,
                message.call,
                message.body,
                int(time.time()) + message.skew_s,  # noqa: TID251  a gateway has a clock of its own
            )
            try:
                response = requests.post(self._url, data=message.body, headers=headers, timeout=WITHIN_S)
            except requests.RequestException:
                statuses.append(0)
            else:
                statuses.append(response.status_code)
                answer = response.json()
                if response.ok and len(statuses) >= message.times:
                    break
            time.sleep(PAUSE_S)
        return {"delivered": message.call, "statuses": statuses, "answer": answer}


@click.command()
@click.option("--to", "url", required=True)
@click.option("--secrets", type=click.Path(path_type=Path), required=True)
def main(url: str, secrets: Path) -> None:
    """Take messages until the input ends; each in a thread of its own, so that none waits for another."""
    caller = Caller(url, secrets.read_text().split()[0])
    lock = threading.Lock()

    def run(message: Message) -> None:
        told = caller.deliver(message)
        with lock:
            sys.stdout.write(json.dumps(told) + "\n")
            sys.stdout.flush()

    sys.stdout.write(json.dumps({"ready": "gateway"}) + "\n")
    sys.stdout.flush()
    for number, line in enumerate(sys.stdin, start=1):
        message = Message.of(json.loads(line), number)
        threading.Thread(target=run, args=(message,), daemon=True).start()


if __name__ == "__main__":
    main()
