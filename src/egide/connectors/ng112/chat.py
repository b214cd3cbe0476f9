"""The silent chat with a control room (ETSI TS 103 698): what its people write, read; what ours carry, written.

Call, message and what it is stand in three lines of Call-Info, by which a message is known whatever road it took. The
text of the standard was not at hand: the forms are those of ng112-js, which control rooms' products are built on.
"""

import re
from typing import Final

import msgspec

from egide.alarm.events.elsewhere import CHAT_BEGUN, CHAT_OVER, CHAT_SAID
from egide.connectors.ng112.sip import ADDRESS, Frame, NoSip

START, STOP, IN_CHAT, HEARTBEAT = 257, 258, 259, 260
# Set beside the others where an app is in the background: it changes nothing of what a message is.
_INACTIVE: Final = 128
_WORDS: Final = {START: CHAT_BEGUN, STOP: CHAT_OVER, IN_CHAT: CHAT_SAID}
MOST_SIGNS = 500
_MOST_PARTS = 20
_REQUEST = re.compile(r"([A-Z]{1,20}) (\S{1,300}) SIP/2\.0")
_INFO = re.compile(
    r"<urn:emergency:(?:service:)?uid:(callid|msgid|msgtype):([A-Za-z0-9._~-]{1,64}):[^<>]{1,200}>"
)
_BOUNDARY = re.compile(r";\s*boundary\s*=\s*(?:\"([^\"]{1,70})\"|([^\s;\"]{1,70}))", re.IGNORECASE)
_ECHOED: Final = (("Via", "via"), ("From", "from"), ("To", "to"), ("Call-ID", "call-id"), ("CSeq", "cseq"))
_REASONS: Final = {
    200: "OK",
    400: "Bad Request",
    403: "Forbidden",
    405: "Method Not Allowed",
    415: "Unsupported Media Type",
    481: "Call Does Not Exist",
    503: "Service Unavailable",
}


class Unusable(ValueError):
    """It is SIP, and nothing of it can be used; `status` is what is answered."""

    def __init__(self, status: int) -> None:
        super().__init__(_REASONS[status])
        self.status = status


class Word(msgspec.Struct, frozen=True):
    """What people there did in the chat of the alarm that they know by `alarm`, and wrote; `word` is one of
    alarm.events.elsewhere, empty where there is no more to it than that they are there."""

    alarm: str
    word: str
    text: str
    number: str
    address: str


def heads(alarm: str, message: str, kind: int, sender: str, domain: str) -> tuple[str, ...]:
    """The lines of the head by which a message belongs to a chat, and whom an answer is for."""
    return (
        f"Call-Info: <urn:emergency:uid:callid:{alarm}:{domain}>; purpose=EmergencyCallData.CallId",
        f"Call-Info: <urn:emergency:service:uid:msgid:{message}:{domain}>; purpose=EmergencyCallData.MsgId",
        f"Call-Info: <urn:emergency:service:uid:msgtype:{kind}:{domain}>; purpose=EmergencyCallData.MsgType",
        # Without brackets: there are control rooms that could not answer.
        f"Reply-To: {sender}",
    )


def word_in(frame: Frame) -> Word | None:
    """What a request says; None for one that only asks whether somebody is there. Raises Unusable."""
    found = _REQUEST.fullmatch(frame.first)
    if found is None:
        raise Unusable(400)
    if found[1] == "OPTIONS":
        return None
    if found[1] != "MESSAGE":
        raise Unusable(405)
    info = dict(_INFO.findall(",".join(frame.headers.get("call-info", ()))))
    if "callid" not in info:
        raise Unusable(481)
    kind = info.get("msgtype", str(IN_CHAT))
    if not (kind.isascii() and kind.isdecimal()):
        raise Unusable(400)
    number = int(kind) & ~_INACTIVE
    text = _text(frame)
    if number == HEARTBEAT or (number == IN_CHAT and not text):
        return Word(info["callid"], "", "", "", "")
    if number not in _WORDS:
        # To be handed over or sent elsewhere by a control room: where an alarm goes is not for it to say.
        raise Unusable(403)
    return Word(info["callid"], _WORDS[number], text, _number(frame), _address(frame))


def answer_to(frame: Frame, status: int) -> bytes:
    """The response to a request. Raises NoSip where it lacks what an answer is made of (RFC 3261, section 8.2.6)."""
    lines = [f"SIP/2.0 {status} {_REASONS[status]}"]
    for name, key in _ECHOED:
        values = frame.headers.get(key, ())
        if not values or (key != "via" and len(values) > 1):
            raise NoSip("a request that nobody could answer")
        lines += [f"{name}: {value}" for value in values]
    to = next(at for at, line in enumerate(lines) if line.startswith("To: "))
    if not re.search(r";\s*tag\s*=", lines[to], re.IGNORECASE):
        lines[to] += ";tag=egide"
    if status == 405:
        lines.append("Allow: MESSAGE, OPTIONS")
    return "\r\n".join([*lines, "Content-Length: 0", "", ""]).encode()


def _number(frame: Frame) -> str:
    """Of the request: the same when it comes again, by whatever road."""
    call, cseq = (frame.headers.get(name, ("",))[0] for name in ("call-id", "cseq"))
    return f"{call[:100]} {' '.join(cseq.split())[:30]}"


def _address(frame: Frame) -> str:
    """Whom an answer is for; empty where it names nobody who can be called by SIP."""
    for name in ("reply-to", "from"):
        text = frame.headers.get(name, ("",))[0]
        bracketed = re.search(r"<([^<>]*)>", text)
        uri = bracketed[1] if bracketed else text.partition(";")[0].strip()
        if ADDRESS.fullmatch(uri):
            return uri
    return ""


def _text(frame: Frame) -> str:
    """The plain text in it, in one line. Raises Unusable where there is none that could be shown."""
    kind = frame.headers.get("content-type", ("",))[0]
    if not frame.body:
        return ""
    if _media(kind) == "text/plain":
        return _shown(frame.body)
    if not _media(kind).startswith("multipart/"):
        raise Unusable(415)
    boundary = _BOUNDARY.search(kind)
    if boundary is None:
        raise Unusable(400)
    mark = b"--" + (boundary[1] or boundary[2]).encode()
    for part in frame.body.split(mark, _MOST_PARTS)[1:_MOST_PARTS]:
        head, _end, content = part.lstrip(b"\r\n").partition(b"\r\n\r\n")
        types = re.search(rb"^content-type:\s*([^\r\n]*)", head, re.IGNORECASE | re.MULTILINE)
        if types is not None and _media(types[1].decode("utf-8", "replace")) == "text/plain":
            return _shown(content)
    return ""


def _media(kind: str) -> str:
    return kind.partition(";")[0].strip().lower()


def _shown(body: bytes) -> str:
    """As it stands at a desk: no sign that could not be seen, or that turns what stands around it."""
    words = body.decode("utf-8", "replace").split()
    text = "".join(sign if sign.isprintable() else " " for sign in " ".join(words))
    return " ".join(text.split())[:MOST_SIGNS]
