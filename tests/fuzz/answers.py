"""What servers of others answer and ask over SIP, by LoST and by UCRI2, and what they wrote down of a button, for
`targets`.
"""

import contextlib

from egide.conform.button.broadcast import BroadcastLab
from egide.connectors.ng112 import chat, digest, lost, pidf, sip
from egide.connectors.ucri2 import queue

NOW_S = 1_800_000_000


def sip_answer(data: bytes) -> None:
    """Whole, and in two pieces: what is read is the same, or refused in both."""

    def read(*pieces: bytes) -> list[sip.Answer] | None:
        stream = sip.Answers()
        try:
            return [one for piece in pieces for one in stream.feed(piece)]
        except sip.NoSip:
            return None

    whole = read(data)
    assert whole == read(data[: len(data) // 2], data[len(data) // 2 :])
    for one in whole or ():
        assert 100 <= one.status < 700 and 0 <= one.alert_error < 1000
        line = digest.authorization(one, digest.Login("egide", "of-this-trunk"), "MESSAGE", "sip:a@b")
        assert "of-this-trunk" not in line and "\r" not in line and "\n" not in line


def sip_chat(data: bytes) -> None:
    """Whatever a control room writes is one line of text or a refusal, and an answer to it says nothing of its own."""
    stream = sip.Frames()
    try:
        frames = stream.feed(data)
    except sip.NoSip:
        return
    for frame in frames:
        status = 200
        try:
            word = chat.word_in(frame)
            if word is not None:
                assert (word.text.isprintable() or not word.text) and len(word.text) <= chat.MOST_SIGNS
                assert not word.address or sip.ADDRESS.fullmatch(word.address)
        except chat.Unusable as error:
            status = error.status
        with contextlib.suppress(sip.NoSip):
            assert chat.answer_to(frame, status).count(b"\r\n\r\n") == 1


def lost_question(data: bytes) -> None:
    with contextlib.suppress(pidf.BadLocation):
        place = pidf.read_circle(data)
        assert abs(place.lat) <= 90 and abs(place.lon) <= 180 and place.radius_m >= 0
    try:
        query = lost.query_in(data)
    except lost.BadQuery as error:
        lost.refused(error.word, "lost.police.example", error.profiles)
        return
    assert (query.place is None) is (query.kind not in (lost.FIND, lost.LIST_BY_PLACE))
    lost.listed(query, (), "lost.police.example")


def lost_answer(data: bytes) -> None:
    try:
        found = lost.mapping_in(data, NOW_S * 1_000_000)
    except lost.NotMapped:
        return
    assert sip.ADDRESS.fullmatch(found.uri) and found.expires_us <= NOW_S * 1_000_000 + lost.MOST_US


def ucri2_queue(data: bytes) -> None:
    """Whatever an entry holds, it is a word of an alarm or says what it is, and can be taken off."""
    try:
        entries = queue.entries_in(data)
    except queue.Unreadable:
        return
    for entry in entries:
        assert 0 <= entry.sequence < 1 << 63 and (entry.said is None) is bool(entry.why)
        if entry.said is not None:
            assert len(entry.said.incident or entry.said.message) == 32
            assert len(entry.said.cause) <= queue.MOST_SIGNS and entry.said.cause.isprintable()


def conform_record(data: bytes) -> None:
    """What somebody wrote down of a button: read, or refused by the number of its line."""
    try:
        lab = BroadcastLab(data, bytes(6), bytes(16))
    except ValueError as error:
        assert str(error).startswith("line ")
        return
    assert all((one.said is None) == bool(one.reason) for one in lab.heard)
