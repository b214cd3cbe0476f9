"""A fake exchange (UCRM) of UCRI2, written from the facts of the interface: a process of its own that knows nothing of
Egide, and the control room at its other end.

It holds a queue for each address, wants a token for a password, and looks at each incident by our schema. How it
behaves stands in a file that a test writes: `{"send": 503, "receive": 200, "wait_s": 0, "bytes": 0}`.
"""

import base64
import json
import secrets
import ssl
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]

from tests.support.certificates import Authority
from tests.support.ucri2.queues import Queues

OURS, THEIRS, OTHERS = "1.2.276.5.1", "1.2.276.5.2", "1.2.276.5.3"
ACCOUNTS = {"egide": (OURS,), "theirs": (THEIRS,), "others": (OTHERS,)}
APP, VERSION = "incident_transfer_police", "1.0"
CAME, BEHAVES, PASSWORD = "came.jsonl", "behaves.json", "password"
SCHEMA = json.loads(Path(__file__).with_name("incident.schema.json").read_text("utf-8"))
INVALID, UNKNOWN_APP, UNKNOWN_ADDRESS, NOT_YOURS, NO_TOKEN = 464, 461, 470, 478, 475


class ControlRoom:
    """The people at the other end, under their own account."""

    def __init__(self, exchange: "Exchange", account: str = "theirs") -> None:
        self._exchange, self._account = exchange, account
        self._own = ACCOUNTS[account][0]

    def received(self) -> list[dict[str, Any]]:
        """Incidents that reached it, each as its screen has it; they are off the queue then."""
        asked = {"destinations": [self._own], "maxMessages": 50, "maxDelay": 0}
        answer = self._exchange.call(self._account, "/messaging/receive", asked)
        found = answer["messages"] if answer else []
        for one in found:
            place = {"destination": self._own, "sequenceId": one["sequenceId"]}
            self._exchange.call(self._account, "/messaging/commit", place)
        return [json.loads(one["payload"]["data"]) for one in found]

    def answer(self, incident: str, status: str, at: str, cause: str = "") -> None:
        """A person there accepts or refuses."""
        said = {"sharedIncidentId": incident, "acknowledgedByDispatcherAt": at, "status": status}
        self.say("acknowledgement", said | ({"cause": cause} if cause else {}))

    def end(self, incident: str, at: str, words: str = "", status: str = "completed_sucessfully") -> None:
        """A person there says that it is over."""
        said = {"sharedIncidentId": incident, "completedAt": at, "status": status}
        self.say("completion", said | ({"additionalInformation": words} if words else {}))

    def say(self, schema: str, said: object, app: str = APP) -> None:
        """Whatever it is."""
        data = said if isinstance(said, str) else json.dumps(said)
        self._exchange.call(self._account, "/messaging/send", enveloped(self._own, OURS, schema, data, app))


def enveloped(source: str, destination: str, schema: str, data: str, app: str = APP) -> dict[str, Any]:
    """A message as an exchange takes it."""
    payload = {"appId": app, "appVersion": VERSION, "schemaId": schema, "contentType": "application/json"}
    return {"source": source, "destinations": [destination], "payload": payload | {"data": data}}


class Exchange:
    """What a test sees of it."""

    def __init__(self, folder: Path, port: int, authority: Authority | None) -> None:
        self._folder = folder
        self.authority = authority
        self.url = f"{'https' if authority else 'http'}://127.0.0.1:{port}/ucrm/client/v2"
        self.password_file = folder / PASSWORD

    def behave(self, **how: int) -> None:
        """From the next call of ours on; without a word, as it should."""
        draft = self._folder / "draft"
        draft.write_text(json.dumps(how), encoding="utf-8")
        draft.replace(self._folder / BEHAVES)

    @property
    def came(self) -> list[dict[str, Any]]:
        """Each message that somebody sent, and what was answered."""
        path = self._folder / CAME
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []

    def sent(self) -> list[dict[str, Any]]:
        """The incidents that it took of us."""
        ours = (one for one in self.came if one["said"].get("source") == OURS and one["status"] == 200)
        return [one["said"] for one in ours]

    def entry(self, name: str = "aachen", to: str = THEIRS, **more: object) -> dict[str, object]:
        """An entry of EGIDE_DISPATCH_SYSTEMS for the control room behind it."""
        beside = {"account": "egide", "own": OURS, "to": to}
        if self.authority is not None:
            beside["authorities"] = str(self.authority.pem)
        own: dict[str, object] = {"name": name, "kind": "ucri2", "url": self.url, "more": beside}
        return own | {"secret_file": str(self.password_file), "centres": ["HAI"]} | more

    def begin_anew(self) -> None:
        """As if nothing had come, and nothing were on its way."""
        self.call("theirs", "/test/empty", {})
        for name in (CAME, BEHAVES):
            (self._folder / name).unlink(missing_ok=True)
        self.password_file.write_text(secrets.token_urlsafe(24), encoding="ascii")

    def put(self, entry: object) -> None:
        """Something into our queue that no exchange should have let in."""
        self.call("theirs", "/test/queue", {"entry": entry})

    def queued(self) -> int:
        """How much waits in our queue."""
        answer = self.call("theirs", "/test/count", {})
        assert answer is not None
        return int(answer["count"])

    def call(self, account: str, path: str, said: object) -> dict[str, Any] | None:
        pair = base64.b64encode(f"{account}:{self.password_file.read_text('utf-8')}".encode()).decode()
        headers = {"Authorization": f"Basic {pair}", "X-Of-The-Test": "1"}
        request = urllib.request.Request(self.url + path, json.dumps(said).encode(), headers)
        context = (
            ssl.create_default_context(cafile=str(self.authority.pem)) if self.authority is not None else None
        )
        with urllib.request.urlopen(request, context=context) as answer:
            body = answer.read()
        return json.loads(body) if body else None


@contextmanager
def exchange(folder: Path, authority: Authority | None = None) -> Iterator[Exchange]:
    """It runs until the end of the block; under TLS where an authority makes its certificate."""
    folder.mkdir(parents=True)
    (folder / PASSWORD).write_text(secrets.token_urlsafe(24), encoding="ascii")
    (folder / PASSWORD).chmod(0o640)
    command = [sys.executable, "-m", __name__, str(folder)]
    if authority is not None:
        authority.server("127.0.0.1")
        command.append(str(authority.shown))
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Exchange(folder, int(process.stdout.readline()), authority)
        finally:
            process.kill()


class _Refused(Exception):
    """Answered with this status and number."""

    def __init__(self, status: int, code: int) -> None:
        super().__init__(status)
        self.status, self.code = status, code


class _Calls:
    """Calls of ours that are being answered, slowly where a test wants it. None of them outlasts its test: it would be
    noted among what came in the next one."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._answering: set[object] = set()
        self._given_up: set[object] = set()

    @contextmanager
    def answering(self, wait_s: float) -> Iterator[None]:
        call = object()
        with self._changed:
            self._answering.add(call)
        try:
            with self._changed:
                if self._changed.wait_for(lambda: call in self._given_up, wait_s):
                    raise _Refused(503, 491)
            yield
        finally:
            with self._changed:
                self._answering.discard(call)
                self._given_up.discard(call)
                self._changed.notify_all()

    def give_up(self) -> None:
        """Until none is left."""
        with self._changed:
            self._given_up |= self._answering
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._answering)


def _participant(oid: str, takes_incidents: bool) -> dict[str, Any]:
    """As an exchange lists it."""
    app: dict[str, Any] = {"appId": APP, "appVersion": VERSION}
    if not takes_incidents:
        app["unsupportedMessages"] = ["incident"]
    names = {"systemName": "System", "operatorName": "Control room", "operatorShortName": "CR"}
    support = {"phone": "+49 69 123456", "e-mail": "support@control.example"}
    apps = [{"appId": "transport_layer_messages", "appVersion": "1.0"}, app]
    return {"id": oid, "type": "client", **names, "supportedApps": apps, "techSupport": support}


class _Handler(BaseHTTPRequestHandler):
    folder: Path
    queues = Queues(oid for (oid,) in ACCOUNTS.values())
    calls = _Calls()
    tokens: dict[str, str] = {}

    def do_GET(self) -> None:
        self._answer_with(b"")

    def do_POST(self) -> None:
        self._answer_with(self.rfile.read(int(self.headers["Content-Length"])))

    def _answer_with(self, body: bytes) -> None:
        path = self.path.partition("/v2")[2]
        try:
            answer = self._do(path, json.loads(body) if body else {})
        except _Refused as refused:
            self._reply(refused.status, {"code": refused.code, "reason": "refused"})
            return
        self._reply(204 if answer is None else 200, answer)

    def _how(self) -> dict[str, int]:
        path = self.folder / BEHAVES
        return json.loads(path.read_text("utf-8")) if path.exists() else {}

    def _account(self, kind: str) -> str:
        given = self.headers.get("Authorization", "")
        password = (self.folder / PASSWORD).read_text("utf-8")
        if given.startswith("Basic ") and (kind == "Basic" or self.headers.get("X-Of-The-Test")):
            name, _colon, said = base64.b64decode(given[6:]).decode().partition(":")
            if name in ACCOUNTS and secrets.compare_digest(said, password):
                return name
        if kind == "Bearer" and given.removeprefix("Bearer ") in self.tokens:
            return self.tokens[given.removeprefix("Bearer ")]
        raise _Refused(401, NO_TOKEN)

    def _do(self, path: str, said: Any) -> Any:
        if path == "/token":
            token = secrets.token_urlsafe(16)
            self.tokens[token] = self._account("Basic")
            return {"token": token}
        account = self._account("Bearer")
        if account == "egide":
            how = self._how()
            if how.get("forgets"):
                self.tokens.clear()
                (self.folder / BEHAVES).unlink()
                raise _Refused(401, NO_TOKEN)
            with self.calls.answering(how.get("wait_s", 0)):
                return self._answer(account, path, said, how)
        return self._answer(account, path, said, {})

    def _answer(self, account: str, path: str, said: Any, how: dict[str, int]) -> Any:
        if path == "/registry":
            known = [_participant(oid, bool(how.get("incidents", 1))) for oid in (OURS, THEIRS)]
            return {"commParticipants": known[: how.get("known", 2)]}
        if path == "/messaging/send":
            return self._send(account, said, how)
        if path == "/messaging/receive":
            return self._receive(account, said, how)
        if path == "/messaging/commit":
            if how.get("commit", 204) != 204:
                raise _Refused(how["commit"], 491)
            self._check_address(account, said["destination"])
            self.queues.commit(said["destination"], said["sequenceId"])
            return None
        if path == "/test/queue":
            self.queues.put(OURS, said["entry"])
            return None
        if path == "/test/empty":
            self.calls.give_up()
            self.queues.empty()
            self.tokens.clear()
            return None
        if path == "/test/count":
            return {"count": self.queues.count(OURS)}
        raise _Refused(404, 460)

    def _check_address(self, account: str, oid: str) -> None:
        if oid not in ACCOUNTS[account]:
            raise _Refused(400, NOT_YOURS)

    def _send(self, account: str, said: dict[str, Any], how: dict[str, int]) -> dict[str, Any]:
        status = how.get("send", 200)
        refused = self._refused(account, said) if status == 200 else _Refused(status, 491)
        with (self.folder / CAME).open("a", encoding="utf-8") as file:
            status = refused.status if refused else 200
            file.write(json.dumps({"said": said, "status": status}) + "\n")
        if refused:
            raise refused
        (to,) = said["destinations"]
        self.queues.put(to, {key: value for key, value in said.items() if key != "destinations"})
        if said.get("ack") == "ALL" and "delivers" not in how:
            self._tell_delivery(said, 200)
        elif said.get("ack") in ("ALL", "NACK"):
            self._tell_delivery(said, how["delivers"])
        return said | {"sentDate": "2027-01-01T00:00:00Z"}

    def _tell_delivery(self, said: dict[str, Any], status: int) -> None:
        """Whether it arrived: a real one says so once the other side took it."""
        told = {
            "refMessageId": said["messageId"],
            "destination": said["destinations"][0],
            "statusCode": status,
        }
        app = "transport_layer_messages"
        entry = enveloped(
            said["destinations"][0], said["source"], "message_delivery_status", json.dumps(told), app
        )
        del entry["destinations"]
        self.queues.put(said["source"], entry)

    def _refused(self, account: str, said: dict[str, Any]) -> _Refused | None:
        if said["source"] not in ACCOUNTS[account]:
            return _Refused(400, NOT_YOURS)
        if said["payload"]["appId"] != APP and not self.headers.get("X-Of-The-Test"):
            return _Refused(400, UNKNOWN_APP)
        if len(said["destinations"]) != 1 or not any(
            said["destinations"][0] in one for one in ACCOUNTS.values()
        ):
            return _Refused(400, UNKNOWN_ADDRESS)
        if said["payload"]["schemaId"] == "incident":
            checker = Draft202012Validator(SCHEMA, format_checker=FormatChecker())
            if not checker.is_valid(json.loads(said["payload"]["data"])):
                return _Refused(400, INVALID)
        return None

    def _receive(self, account: str, said: dict[str, Any], how: dict[str, int]) -> Any:
        for oid in said["destinations"]:
            self._check_address(account, oid)
        if how.get("receive", 200) != 200:
            raise _Refused(how["receive"], 491)
        if how.get("bytes"):
            return {"messages": "x" * how["bytes"]}
        found = self.queues.first(said["destinations"][0], said["maxMessages"], said["maxDelay"])
        return {"messages": found, "maxMessages": said["maxMessages"]} if found else None

    def _reply(self, status: int, answer: Any) -> None:
        body = b"" if answer is None else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """A test looks into the file instead."""


def main(folder: Path, certificate: str = "") -> None:
    _Handler.folder = folder
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    if certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
