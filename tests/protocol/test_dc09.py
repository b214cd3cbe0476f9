"""Frames of SIA DC-09: what is written is read, what is broken is named, and codes mean what the standards say."""

import pytest
from siadc09.message import parse_frame

from egide.protocol.dc09 import frames as dc09
from egide.protocol.dc09.events import place_fields, read_signal

NOW_S, KEY = 1_798_700_000, b"0123456789abcdef"
CONTENT = dc09.Content("#1A2B|Nri1/HA001", ("X003E57.138", "Y50N27.252"), NOW_S)


@pytest.mark.parametrize("key", [b"", KEY, KEY + b"01234567", KEY * 2], ids=["clear", "128", "192", "256"])
def test_what_is_written_is_read_here_and_by_a_second_decoder(key: bytes) -> None:
    data = dc09.written(dc09.SIA, 42, "1A2B", CONTENT, key)
    frame = dc09.read_frame(data)
    assert (frame.token, frame.sequence, frame.account, frame.is_encrypted) == (
        "SIA-DCS",
        42,
        "1A2B",
        bool(key),
    )
    assert dc09.open_frame(frame, key) == CONTENT
    other = parse_frame(data, key or None)
    assert (other.seq, other.encrypted, int(other.timestamp.timestamp())) == (42, bool(key), NOW_S)
    answer = dc09.acknowledged(frame, key, NOW_S)
    assert dc09.read_answer(answer, 42, key, NOW_S) == dc09.ACK
    assert parse_frame(answer, key or None).idtoken == "ACK"


def test_what_is_no_frame_is_named() -> None:
    good = dc09.written(dc09.SIA, 1, "1A2B", CONTENT)
    for data, reason in (
        (b"", "bad-frame"),
        (good[1:], "bad-frame"),
        (good[:-1], "bad-frame"),
        (b"\n" + b"Z" * 8 + good[9:], "bad-frame"),
        (good[:-1] + b"x\r", "bad-length"),
        (good[:-3] + b"xx\r", "bad-crc"),
        (b"\n" + b"0" * 3000 + b"\r", "too-long"),
        (dc09.framed(b'"SIA-DCS"0001L0[]'), "no-account"),
        (dc09.framed(b'"SIA-DCS"01L0#1A2B[]'), "bad-frame"),
    ):
        with pytest.raises(dc09.Dc09Error) as found:
            dc09.read_frame(data)
        assert found.value.reason == reason


def test_blocks_of_frames_that_somebody_recorded_make_no_new_one() -> None:
    press = dc09.read_frame(dc09.written(dc09.SIA, 1, "1A2B", CONTENT, KEY))
    poll = dc09.read_frame(dc09.written(dc09.POLL, 2, "1A2B", dc09.Content("", (), NOW_S + 3600), KEY))
    for cut in range(32, len(press.body), 32):
        body = press.body[:cut] + poll.body
        frame = dc09.Frame(dc09.SIA, True, 3, "L0", "1A2B", body)
        with pytest.raises(dc09.Dc09Error):
            read_signal(dc09.SIA, dc09.open_frame(frame, KEY))


def test_an_answer_is_read_though_its_head_is_wrong() -> None:
    frame = dc09.read_frame(dc09.written(dc09.SIA, 7, "1A2B", CONTENT))
    lenient = dc09.framed(dc09.acknowledged(frame, b"", NOW_S)[9:-1].replace(b"L0", b"NoneL0"))
    assert dc09.read_answer(lenient, 7, b"", NOW_S) == dc09.ACK


@pytest.mark.parametrize(
    ("place", "at"),
    [
        ((50.4542, 3.9523), (504_542_000, 39_523_000)),
        ((-33.8688, -70.5), (-338_688_000, -705_000_000)),
        ((59.999999, 179.999999), (600_000_000, 1_800_000_000)),
    ],
)
def test_a_place_is_written_and_read(place: tuple[float, float], at: tuple[int, int]) -> None:
    content = dc09.Content("NHA1", place_fields(*place))
    assert read_signal(dc09.SIA, content).at == at


@pytest.mark.parametrize(
    "fields",
    [
        ("X003E57.138",),
        ("X000E00.000", "Y00N00.000"),
        ("X003N57.138", "Y50N27.252"),
        ("X003E60.000", "Y50N27.252"),
        ("X200", "Y50"),
        ("Xeast", "Ynorth"),
        ("", "Y"),
    ],
)
def test_a_place_that_cannot_be_read_is_none_and_the_press_counts(fields: tuple[str, ...]) -> None:
    signal = read_signal(dc09.SIA, dc09.Content("NHA1", fields))
    assert signal.is_press and signal.at is None


@pytest.mark.parametrize(
    ("data", "codes", "is_press"),
    [
        ("#1A2B|Nri1/HA001", ("HA",), True),
        ("#1A2B|Nri1HA001", ("HA",), True),
        ("1A2B|Nti10:11:12/id3/PA2", ("PA",), True),
        ("#1A2B|OHA01", ("HA",), True),
        ("#1A2B|NBA01/HA02", ("BA", "HA"), True),
        ("#1A2B|Nri1^HALL^BA01", ("BA",), False),
        ('#1A2B|NBA01*"HALL"NM', ("BA",), False),
        ("#1A2B|NBA01|AHAHA", ("BA",), False),
        ("#1A2B|NHH01", ("HH",), False),
    ],
)
def test_a_code_is_found_and_names_are_none(data: str, codes: tuple[str, ...], is_press: bool) -> None:
    signal = read_signal(dc09.SIA, dc09.Content(data))
    assert (signal.codes, signal.is_press) == (codes, is_press)


def test_the_window_is_forty_seconds_back_and_twenty_ahead() -> None:
    assert [dc09.is_timely(NOW_S + by_s, NOW_S) for by_s in (-41, -40, 20, 21)] == [False, True, True, False]
