"""What becomes of a press whose server refuses, lies, breaks, or is away: the same bytes until a true receipt."""

import msgspec

from egide.conform.calls import Answer
from egide.conform.phone.lab import END, START, PhoneLab
from egide.conform.phone.pretended import Broken, Came, Plan, Reply, Silence, refusal, said
from egide.conform.points import Kit, expect
from egide.protocol.envelope import MAX_PRESS_BYTES
from egide.protocol.keys import SigningKey
from egide.protocol.receipt import Pending

KIT: Kit[PhoneLab] = Kit("presses")
CLAUSE = "contracts/intake.openapi.yaml, POST /v1/messages"
SAME = "the same bytes again, until a receipt comes"
_ELSEWHERE = "/v1/somewhere-else"
# More answers than ever come to one press.
MANY = 10_000


@KIT.point(
    "press",
    "has the phone pressed",
    f"a press of {MAX_PRESS_BYTES} bytes at most",
    "contracts/envelope.cddl, press",
)
async def _press(lab: PhoneLab) -> str:
    came = await lab.pressed()
    expect(len(came.data) <= MAX_PRESS_BYTES, f"{len(came.data)} bytes")
    return f"{len(came.data)} bytes"


def repeated(point_id: str, does: str, clause: str, plan: Plan) -> None:
    """A point: a press is answered so, and comes again."""

    @KIT.point(point_id, does, SAME, clause)
    async def _again(lab: PhoneLab) -> str:
        return await lab.again(await lab.pressed(plan))


repeated("broken", "breaks the connection instead of an answer", CLAUSE, lambda _came: Broken())
repeated("silence", "does not answer", CLAUSE, lambda _came: Silence())
repeated(
    "away",
    "answers 503: the journal cannot be written",
    f"{CLAUSE}, 503",
    lambda _came: refusal(503, "journal-unavailable", retry_after="1"),
)
repeated(
    "full",
    "answers 507: the disk is full",
    f"{CLAUSE}, 507",
    lambda _came: refusal(507, "journal-full", retry_after="1"),
)
repeated(
    "unknown",
    "answers 401: nobody enrolled this key",
    f"{CLAUSE}, 401",
    lambda _came: refusal(401, "unknown-key"),
)
repeated(
    "malformed", "answers 400: not an envelope", f"{CLAUSE}, 400", lambda _came: refusal(400, "bad-header")
)
repeated(
    "conflict",
    "answers 409: the counter was used",
    f"{CLAUSE}, 409",
    lambda _came: refusal(409, "counter-used"),
)
repeated(
    "proxy",
    "answers 404 and a page, as a proxy does that was set up wrongly",
    CLAUSE,
    lambda _came: Answer(
        404, {"content-type": "text/html", "access-control-allow-origin": "*"}, b"<h1>Not found</h1>"
    ),
)
repeated(
    "no-receipt",
    "answers 201 and something that is no receipt",
    f"{CLAUSE}, Receipt",
    lambda _came: said(201, {"ok": True}),
)


@KIT.point(
    "redirect",
    "answers 307 and names another address",
    "the same bytes again at the addresses of the enrolment, and nothing at the other",
    "contracts/intake.openapi.yaml, EnrolmentReply.servers",
)
async def _redirect(lab: PhoneLab) -> str:
    came = await lab.pressed(lambda _came: refusal(307, "elsewhere", location=_ELSEWHERE))
    held = await lab.again(came)
    followed = [path for path in lab.server.strays if path.endswith(_ELSEWHERE)]
    expect(not followed, "it followed: its bytes went where somebody on the way wants them")
    return held


@KIT.point(
    "receipt-of-another-key",
    "answers 201 with a receipt that a strange key signed",
    SAME,
    f"{CLAUSE}, Receipt.signature",
)
async def _strange(lab: PhoneLab) -> str:
    stranger = SigningKey.generate()
    return await lab.again(await lab.pressed(lambda came: said(201, lab.server.signed(came, stranger))))


@KIT.point(
    "receipt-for-other-bytes",
    "answers 201 with a true receipt for an earlier message",
    SAME,
    f"{CLAUSE}, Receipt.signature",
)
async def _other(lab: PhoneLab) -> str:
    lab.check_enrolled()
    earlier = next((one for one in lab.messages() if one.message is not None), None)
    assert earlier is not None
    return await lab.again(
        await lab.pressed(lambda _came: said(201, lab.server.signed(earlier, lab.server.key)))
    )


@KIT.point(
    "receipt-changed",
    "answers 201 with a receipt whose pending things were changed after signing",
    SAME,
    f"{CLAUSE}, Receipt.signature",
)
async def _changed(lab: PhoneLab) -> str:
    def change(came: Came) -> Reply:
        told = lab.server.signed(came, lab.server.key)
        return said(201, msgspec.structs.replace(told, state="closed", pending=(Pending("closed"),)))

    return await lab.again(await lab.pressed(change))


@KIT.point(
    "kept",
    "answers 202 with a receipt that says kept: one machine has it, the journal has not",
    "the same bytes again until a 201",
    f"{CLAUSE}, 202",
)
async def _kept(lab: PhoneLab) -> str:
    def keep(came: Came) -> Reply:
        assert came.message is not None
        fields = {"seq": 0, "alarm": "", "state": "kept", "next_counter": came.message.counter + 1}
        return said(202, lab.server.signed(came, lab.server.key, **fields))

    return await lab.again(await lab.pressed(keep, keep), number=3)


@KIT.point(
    "press-limited",
    "answers 429 to a press, as nobody may",
    SAME,
    f"{CLAUSE}, 429",
)
async def _limited(lab: PhoneLab) -> str:
    return await lab.again(
        await lab.pressed(lambda _came: refusal(429, "too-many-messages", retry_after="1"))
    )


@KIT.point(
    "other-address",
    "is away at the address that it used last, and answers at the other",
    "the same bytes at the other address",
    "contracts/intake.openapi.yaml, EnrolmentReply.servers",
)
async def _address(lab: PhoneLab) -> str:
    away = lab.messages()[-1].address

    def plan(came: Came) -> Reply:
        return refusal(503, "journal-unavailable") if came.address == away else lab.server.receipt(came)

    came = await lab.pressed(*[plan] * MANY, others=plan)

    def elsewhere() -> bool:
        return any(one.data == came.data and one.address != away for one in lab.server.came)

    await lab.until(elsewhere, lab.patience_s, "they did not come to the other address")
    lab.server.press_plan = lab.server.other_plan = None
    return "at the other address"


@KIT.point(
    "kept-on-the-disk",
    "is away, has the app ended by force and started again",
    "the same bytes again after the start",
    "contracts/intake.openapi.yaml, info (a phone never drops a press)",
)
async def _disk(lab: PhoneLab) -> str:
    def away(_came: Came) -> Reply:
        return refusal(503, "journal-unavailable")

    came = await lab.pressed(*[away] * MANY)
    await lab.ask(END)
    ended = len(lab.server.came)
    lab.server.press_plan = None
    await lab.ask(START)
    await lab.until(
        lambda: lab.server.times(came.data, ended), lab.hands_s, "the press did not come after the start"
    )
    return "the same bytes after the start"


@KIT.point(
    "two-presses",
    "has the phone pressed twice while nothing is taken",
    "both presses, each under its counter, until both have a receipt",
    "contracts/envelope.cddl, common (2)",
)
async def _two(lab: PhoneLab) -> str:
    def away(_came: Came) -> Reply:
        return refusal(503, "journal-unavailable")

    first = await lab.pressed(every_press=away)
    second = await lab.pressed(every_press=away)
    assert first.message is not None and second.message is not None
    since = len(lab.server.came)

    def both() -> bool:
        return all(lab.server.times(one.data, since) for one in (first, second))

    lab.server.press_plan = None
    await lab.until(both, lab.patience_s, "not both presses came again")
    expect(second.message.counter > first.message.counter, "the second has no higher counter")
    return f"counters {first.message.counter} and {second.message.counter}"
