"""What is no press, limits, the key that is handed on, and what holds of everything that came."""

from itertools import pairwise

from egide.conform.phone.lab import PhoneLab
from egide.conform.phone.pretended import MESSAGES, Came, Reply, key_pending, refusal, said
from egide.conform.points import Deviates, Kit, Untried, expect
from egide.protocol.envelope import Kind
from egide.protocol.keys import kid_of
from egide.protocol.receipt_key import hand_on

FOLLOWING: Kit[PhoneLab] = Kit("what follows a press")
ALL: Kit[PhoneLab] = Kit("everything that came")
CONTRACT, GRAMMAR = "contracts/intake.openapi.yaml", "contracts/envelope.cddl"
LIMIT = f"{CONTRACT}, POST /v1/messages, 429"
LEAP = 1000
# A phone that waits for one second may be called again a little early: clocks tick unlike each other.
WAIT_S, EARLY_S = 1, 0.1
# How often a press is tried before something counts as not believed; more answers than ever come to one press.
TRIES, MANY = 5, 10_000


@FOLLOWING.point(
    "positions",
    "waits for positions while the alarm is open",
    "messages of kind 2 that name a press of this phone",
    f"{GRAMMAR}, follow-up (8); {CONTRACT}, Settings.position_interval_s",
)
async def _positions(lab: PhoneLab) -> str:
    lab.server.press_plan = lab.server.other_plan = None
    since, presses = len(lab.messages()), _presses(lab)

    def position() -> Came | None:
        return next((one for one in lab.server.came[since:] if _is(one, Kind.POSITION)), None)

    found = await lab.until(position, lab.patience_s, "no position came")
    assert found is not None and found.message is not None
    expect(found.message.press in presses, f"it names the press {found.message.press}")
    return f"position of press {found.message.press}"


@FOLLOWING.point(
    "limit-waits",
    "answers 429 with Retry-After: 1 to what is no press",
    "each address is asked once at most in that second, but for presses; then the same message comes again",
    LIMIT,
)
async def _waits(lab: PhoneLab) -> str:
    _presses(lab)
    limited: list[Came] = []

    def plan(came: Came) -> Reply:
        if limited and came.at_us - limited[0].at_us >= WAIT_S * 1_000_000:
            return lab.server.receipt(came)
        limited.append(came)
        return refusal(429, "too-many-messages", retry_after=str(WAIT_S))

    lab.server.other_plan = plan
    await lab.until(lambda: limited, lab.patience_s, "nothing came that could be limited")
    await lab.until(
        lambda: any(lab.server.times(one.data) > 1 and one.data in lab.server.receipted for one in limited),
        lab.patience_s,
        "what was limited did not come again",
    )
    early = [one for one in limited if one.at_us - limited[0].at_us < (WAIT_S - EARLY_S) * 1_000_000]
    addresses = [one.address for one in early]
    expect(len(addresses) == len(set(addresses)), f"{len(early)} messages within that second")
    return "waited"


@FOLLOWING.point(
    "limit-holds-no-press",
    "answers 429 with Retry-After: 60 to what is no press, then has the phone pressed",
    "the press at once",
    LIMIT,
)
async def _holds_no_press(lab: PhoneLab) -> str:
    _presses(lab)
    limited: list[Came] = []

    def plan(came: Came) -> Reply:
        limited.append(came)
        return refusal(429, "too-many-messages", retry_after="60")

    lab.server.other_plan = plan
    await lab.until(lambda: limited, lab.patience_s, "nothing came that could be limited")
    await lab.pressed(others=plan)
    lab.server.other_plan = None
    return "the press came"


@FOLLOWING.point(
    "next-counter",
    "says in a receipt that a counter further on is next, as to a phone that was restored from a back-up",
    "that counter or a higher one in the next new press",
    f"{CONTRACT}, Receipt.next_counter",
)
async def _next(lab: PhoneLab) -> str:
    lab.check_enrolled()
    told: list[int] = []

    def plan(came: Came) -> Reply:
        assert came.message is not None
        told.append(came.message.counter + LEAP)
        return lab.server.receipt(came, next_counter=told[-1])

    await lab.pressed(plan)
    # The receipt is on its way still: what is pressed now may have its counter already.
    for _try in range(TRIES):
        found = (await lab.pressed()).message
        if found is not None and found.counter >= told[0]:
            return f"counter {found.counter}"
    raise Deviates(f"{TRIES} presses under lower counters, {told[0]} was told")


@FOLLOWING.point(
    "key-handed-on",
    "hands the receipts' key on, signs one press with the next key, and another with the former",
    "the first is believed; the second is not, and comes again",
    f"{CONTRACT}, Pending.what (key)",
)
async def _handed_on(lab: PhoneLab) -> str:
    lab.check_enrolled()
    server = lab.server
    former, following = server.keys[0], server.keys[1]
    link = hand_on(former, bytes(following.verify_key))
    # Twice, so that the first receipt was read when the key changes.
    for _time in range(2):
        await lab.pressed(lambda came: server.receipt(came, pending=key_pending(link)))
    server.key = following
    believed = await lab.pressed()
    second = await lab.pressed(lambda came: said(201, server.signed(came, former)))
    await lab.again(second)
    expect(server.times(believed.data) == 1, "a receipt by the next key was not believed")
    return "the next key alone is believed"


@FOLLOWING.point(
    "key-chain",
    "signs with a key of which this phone never heard, and tells the way to it at /v1/receipt-keys",
    "the links are asked for, and the receipt is believed",
    f"{CONTRACT}, GET /v1/receipt-keys",
)
async def _chain(lab: PhoneLab) -> str:
    lab.check_enrolled()
    server, keys = lab.server, lab.server.keys
    server.links = tuple(hand_on(one, bytes(other.verify_key)) for one, other in pairwise(keys))
    server.key = keys[2]
    since = server.asked_links

    def plan(came: Came) -> Reply:
        return said(201, server.signed(came, keys[2]))

    before = await lab.pressed(*[plan] * MANY)
    await lab.until(lambda: server.asked_links > since, lab.patience_s, "nobody asked for the links")
    # The way is walked while the next presses come: one of these is believed at once.
    for _try in range(TRIES):
        after = await lab.pressed(*[plan] * MANY)
        if server.times(before.data) == 1:
            server.receipted.setdefault(before.data, len(server.came))
            return "asked for and believed"
        before = after
    raise Deviates("asked for, and no receipt was believed")


@ALL.point(
    "no-press-after-its-receipt",
    "looks at all presses that came after their receipt",
    "none came more than once, as what was on its way: a true receipt ends the repeats",
    f"{CONTRACT}, info",
)
async def _ends(lab: PhoneLab) -> str:
    lab.messages()
    late = [
        str(one.message.counter)
        for index, one in enumerate(lab.server.came)
        if one.is_press and one.message and index >= lab.server.receipted.get(one.data, MANY**2)
    ]
    often = sorted({counter for counter in late if late.count(counter) > 1})
    expect(not often, f"presses {', '.join(often)} came again and again")
    return f"{len(lab.server.receipted)} messages had a receipt"


@ALL.point(
    "grammar",
    "reads every message that came",
    "each is an envelope, deterministic, of known kinds and fields",
    f"{GRAMMAR}, envelope",
)
async def _grammar(lab: PhoneLab) -> str:
    reasons = sorted({one.reason for one in lab.messages() if one.reason})
    expect(not reasons, ", ".join(reasons))
    return f"{len(lab.server.came)} messages"


@ALL.point(
    "signatures",
    "checks the signature of every message that came",
    "each by the enrolled key, whose id it names",
    f"{GRAMMAR}, Sig_structure",
)
async def _signatures(lab: PhoneLab) -> str:
    lab.check_enrolled()
    key = lab.server.device_key
    envelopes = [one.envelope for one in lab.messages() if one.envelope is not None]
    wrong = [one for one in envelopes if one.kid != kid_of(key) or not one.is_signed_by(key)]
    expect(not wrong, f"{len(wrong)} of {len(envelopes)} messages are not signed by the enrolled key")
    return f"{len(envelopes)} messages"


@ALL.point(
    "counters",
    "compares the counters of all messages that came",
    "other bytes have another counter, and each new press a higher one than the press before",
    f"{GRAMMAR}, common (2)",
)
async def _counters(lab: PhoneLab) -> str:
    first: dict[int, bytes] = {}
    presses: list[int] = []
    for one in lab.messages():
        if one.message is None:
            continue
        counter = one.message.counter
        expect(first.setdefault(counter, one.data) == one.data, f"counter {counter} for two messages")
        if one.is_press and counter not in presses:
            presses.append(counter)
    expect(presses == sorted(presses), f"presses in the order {presses}")
    return f"{len(first)} counters"


@ALL.point(
    "media",
    "looks at how every message was sent",
    "POST with application/cose",
    f"{CONTRACT}, POST {MESSAGES}",
)
async def _media(lab: PhoneLab) -> str:
    medias = sorted({one.media for one in lab.messages()})
    expect(medias == ["application/cose"], ", ".join(medias))
    return medias[0]


def _is(came: Came, kind: Kind) -> bool:
    return came.message is not None and came.message.kind is kind


def _presses(lab: PhoneLab) -> set[int]:
    """Counters of presses so far. Raises Untried."""
    found = {one.message.counter for one in lab.messages() if one.is_press and one.message}
    if not found:
        raise Untried("no press came")
    return found
