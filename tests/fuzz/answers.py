"""What servers of others answer and ask over SIP and by LoST, for `targets`."""

import contextlib

from egide.connectors.ng112 import digest, lost, pidf, sip

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
