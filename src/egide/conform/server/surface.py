"""What a server says to everybody: its addresses, its health, its chain of keys, and that nothing is stored."""

from itertools import pairwise

from egide.common.encoding import from_base64url
from egide.conform.calls import read_as
from egide.conform.points import Deviates, Kit, Untried, expect
from egide.conform.server.lab import CONTRACT, ServerLab
from egide.conform.server.shapes import Health, ReceiptKeys
from egide.protocol.keys import PUBLIC_KEY_BYTES
from egide.protocol.receipt_key import handed_on

FIRST: Kit[ServerLab] = Kit("addresses")
LAST: Kit[ServerLab] = Kit("after all")


@FIRST.point(
    "health",
    "asks whether messages are received",
    "200 with status ok",
    f"{CONTRACT}, GET /v1/health",
)
async def _health(lab: ServerLab) -> str:
    told = read_as(await lab.call("GET", "/v1/health"), Health, 200)
    expect(told.status == "ok", told.status)
    return f"{told.status}, {told.waiting} waiting"


@FIRST.point(
    "preflight",
    "asks as a browser does before it posts from another origin",
    "204 without a body; any origin, POST, content-type",
    f"{CONTRACT}, OPTIONS /v1/messages, Preflight",
)
async def _preflight(lab: ServerLab) -> str:
    for path in ("/v1/messages", "/v1/enrolments", "/v1/openings"):
        answer = await lab.call("OPTIONS", path)
        allowed = [
            answer.headers.get(f"access-control-allow-{name}") for name in ("origin", "methods", "headers")
        ]
        expect(answer.status == 204 and not answer.body, f"{path}: {answer}")
        expect(allowed == ["*", "POST", "content-type"], f"{path}: {allowed}")
    return "204 at three addresses"


@FIRST.point(
    "no-such-address",
    "asks for an address that nobody has",
    "404, no-such-address",
    f"{CONTRACT}, info, NoSuchAddress",
)
async def _unknown(lab: ServerLab) -> str:
    return await lab.refusal("no-such-address", 404, await lab.call("GET", "/v1/nothing-here"))


@FIRST.point(
    "wrong-method",
    "asks for messages by GET",
    "405 with Allow, no-such-address",
    f"{CONTRACT}, info, NoSuchAddress",
)
async def _method(lab: ServerLab) -> str:
    answer = await lab.call("GET", "/v1/messages")
    expect("POST" in answer.headers.get("allow", ""), f"{answer}, Allow: {answer.headers.get('allow')}")
    return await lab.refusal("no-such-address", 405, answer)


@LAST.point(
    "receipt-keys",
    "asks how the key of receipts was handed on",
    "200 with links, each signed by the key of the one before",
    f"{CONTRACT}, GET /v1/receipt-keys",
)
async def _keys(lab: ServerLab) -> str:
    told = read_as(await lab.call("GET", "/v1/receipt-keys"), ReceiptKeys, 200)
    for earlier, later in pairwise(told.keys):
        try:
            key = from_base64url(earlier)[:PUBLIC_KEY_BYTES]
        except ValueError as error:
            raise Deviates(f"{earlier}: {error}") from error
        expect(handed_on(later, key), f"a link that the key before it did not sign: {later}")
    return f"{len(told.keys)} links"


@LAST.point(
    "nothing-is-stored",
    "looks at the headers of every answer so far",
    "Cache-Control: no-store in each",
    f"{CONTRACT}, info",
)
async def _no_store(lab: ServerLab) -> str:
    if not lab.answered:
        raise Untried("nothing was answered")
    expect(not lab.stored, ", ".join(sorted(set(lab.stored))))
    return f"no-store in each of {lab.answered}"
