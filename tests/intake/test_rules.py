"""Which event a message becomes, on which stream and with which flags, rule by rule (safety rules 8, 9, 10, 20, 23)."""

import hashlib
from typing import Any

import msgspec
import pytest

from egide.alarm import events as a
from egide.events.system import CanaryReceived
from egide.intake import rules as r
from egide.intake.rules import Before, Device, Placed, decide_message
from egide.protocol import cbor
from egide.protocol.envelope import Battery, Kind, Message, Position, Trigger

NOW_S = 1_800_000_000
NOW_US = NOW_S * 1_000_000 + 999_999
HERE = Position(504_542_000, 39_523_000, 12, 3, 1)
ORIGIN = a.Origin("5325", "5324", "HAI")
DEVICE = Device("dev", "kit", "case", ORIGIN, grant_ends_at_s=None, returned=False)
ENVELOPE = b"the signed bytes"
OTHER_KINDS = [kind for kind in Kind if kind not in (Kind.PRESS, Kind.TEST)]
KEPT_AT_REST = [Kind.CANCEL, Kind.TEXT, Kind.AUDIO, Kind.NOTICE]


def message(kind: Kind = Kind.PRESS, **fields: Any) -> Message:
    return Message(**{"kind": kind, "counter": 7, "sent_at_s": NOW_S, "position": HERE, **fields})


def placed(given: Message, before: Before | None = None, device: Device = DEVICE) -> Placed:
    return decide_message(device, given, ENVELOPE, before or Before(), NOW_US)


def as_event(event_type: type[a.FromPhone], given: Message, **fields: Any) -> a.FromPhone:
    """The event with all that the message says."""
    said = {
        "device": "dev",
        "case": "case",
        "counter": given.counter,
        "sent_at_s": given.sent_at_s,
        "envelope": ENVELOPE,
        "position": given.position,
        "battery": given.battery,
        "link": given.link,
        "trigger": given.trigger,
    }
    return event_type(**{**said, **fields})


# --- presses --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "stream", "event_type", "origin"),
    [
        (Before(), "alarm:dev-7", a.PressReceived, ORIGIN),
        # Something that named this press came first and opened its alarm: the origin stands there already.
        (Before(own_alarm_exists=True), "alarm:dev-7", a.PressReceived, None),
        (Before(own_alarm_exists=True, joinable="dev-3"), "alarm:dev-7", a.PressReceived, None),
        (Before(joinable="dev-3"), "alarm:dev-3", a.PressedAgain, None),
        (Before(joinable="dev-3", is_open=True), "alarm:dev-3", a.PressedAgain, None),
        # The counter was used for another message: never hidden, whatever used it.
        (Before(first_stream="test:dev-7"), "alarm:dev-7", a.PressConflicted, ORIGIN),
        (Before(first_stream="device:dev", own_alarm_exists=True), "alarm:dev-7", a.PressConflicted, None),
        (Before(first_stream="alarm:dev-2"), "alarm:dev-2", a.PressConflicted, None),
        (Before(first_stream="alarm:dev-2", joinable="dev-3"), "alarm:dev-3", a.PressConflicted, None),
        (Before(first_stream="test:dev-7", joinable="dev-3"), "alarm:dev-3", a.PressConflicted, None),
    ],
)
def test_rule_09_a_press_opens_its_alarm_or_joins_the_one_of_its_kit(
    before: Before, stream: str, event_type: type[a.FromPhone], origin: a.Origin | None
) -> None:
    press = message(battery=Battery(80, 41), link=3, trigger=Trigger.BUTTON)
    assert placed(press, before) == Placed(stream, as_event(event_type, press, origin=origin))


@pytest.mark.parametrize("kind", [Kind.TEST, *OTHER_KINDS])
def test_another_message_under_a_used_counter_is_a_conflict(kind: Kind) -> None:
    with pytest.raises(r.Conflict, match=r"^counter 7 was used for another message$"):
        placed(message(kind), Before(first_stream="alarm:dev-7", stream_of_press="alarm:dev-2"))


def test_rule_20_a_test_has_a_stream_of_its_own_also_during_an_alarm() -> None:
    test = message(Kind.TEST, trigger=Trigger.BUTTON)
    before = Before(joinable="dev-3", is_open=True, stream_of_press="alarm:dev-2")
    assert placed(test, before) == Placed("test:dev-7", as_event(a.TestReceived, test))


# --- what belongs to a press ----------------------------------------------------------------------------------------


def what_becomes_of(kind: Kind) -> type[a.FromPhone]:
    return {
        Kind.POSITION: a.PositionReceived,
        Kind.HEARTBEAT: a.PositionReceived,
        Kind.CANCEL: a.CancelReceived,
        Kind.TEXT: a.TextReceived,
        Kind.AUDIO: a.AudioReceived,
        Kind.NOTICE: a.NoticeReceived,
    }[kind]


@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_what_names_a_press_goes_where_the_press_went(kind: Kind) -> None:
    found = placed(
        message(kind, press=2), Before(stream_of_press="alarm:dev-1", joinable="dev-3", is_open=True)
    )
    assert (found.stream, type(found.event)) == ("alarm:dev-1", what_becomes_of(kind))
    assert found.event is not None and (found.event.origin, found.event.flags) == (None, ())


@pytest.mark.parametrize(
    ("before", "stream", "origin"),
    [
        (Before(), "alarm:dev-2", ORIGIN),
        (Before(own_alarm_exists=True), "alarm:dev-2", None),
        (Before(joinable="dev-1", is_open=True), "alarm:dev-1", None),
        # One that was closed meanwhile is no place for the news of another press.
        (Before(joinable="dev-1"), "alarm:dev-2", ORIGIN),
        (Before(joinable="dev-1", is_open=True, own_alarm_exists=True), "alarm:dev-2", None),
    ],
)
def test_rule_09_what_names_a_press_that_has_not_come_opens_its_alarm_all_the_same(
    before: Before, stream: str, origin: a.Origin | None
) -> None:
    position = message(Kind.POSITION, press=2)
    event = as_event(a.PositionReceived, position, origin=origin, flags=("press-missing",))
    assert placed(position, before) == Placed(stream, event)


@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_what_names_no_press_belongs_to_the_alarm_that_is_open(kind: Kind) -> None:
    found = placed(message(kind), Before(joinable="dev-3", is_open=True))
    assert (found.stream, type(found.event)) == ("alarm:dev-3", what_becomes_of(kind))
    assert found.event is not None and found.event.origin is None


@pytest.mark.parametrize("before", [Before(), Before(joinable="dev-3")])
def test_where_somebody_is_without_an_alarm_is_not_kept_and_other_news_is(before: Before) -> None:
    for kind in (Kind.POSITION, Kind.HEARTBEAT):
        assert placed(message(kind), before) == Placed("device:dev", None)
    for kind in KEPT_AT_REST:
        found = placed(message(kind), before)
        assert (found.stream, type(found.event)) == ("device:dev", what_becomes_of(kind))
        assert found.event is not None and found.event.origin is None


@pytest.mark.parametrize("kind", [Kind.CANCEL, Kind.TEXT, Kind.NOTICE])
def test_what_was_written_goes_into_the_event_as_it_came(kind: Kind) -> None:
    said, silent = message(kind, body=b"words"), message(kind)
    assert placed(said).event == as_event(what_becomes_of(kind), said, body=b"words")
    assert placed(silent).event == as_event(what_becomes_of(kind), silent, body=b"")


def test_rule_23_of_a_sound_the_event_keeps_number_size_and_hash_and_not_the_sound() -> None:
    body = cbor.encode([5, b"opus"])
    sound = message(Kind.AUDIO, body=body)
    digest = hashlib.sha256(ENVELOPE).hexdigest()
    expected = as_event(a.AudioReceived, sound, envelope=b"", digest=digest, number=5, size_bytes=len(body))
    assert placed(sound).event == expected
    nothing = message(Kind.AUDIO)
    assert placed(nothing).event == as_event(
        a.AudioReceived, nothing, envelope=b"", digest=digest, number=-1, size_bytes=0
    )


@pytest.mark.parametrize(
    ("content", "number"),
    [
        ([0, b"x"], 0),
        ([(1 << 31) - 1, b""], (1 << 31) - 1),
        ([1 << 31, b"x"], -1),
        ([-2, b"x"], -1),
        ([True, b"x"], -1),
        ([3, "x"], -1),
        ([3], -1),
        ([3, b"x", b"y"], -1),
        (["3", b"x"], -1),
        ({3: b"x"}, -1),
        (3, -1),
    ],
)
def test_a_piece_of_sound_is_a_number_and_bytes(content: Any, number: int) -> None:
    assert r.number_of_piece(cbor.encode(content)) == number


@pytest.mark.parametrize("body", [b"", b"\xff", cbor.encode([1, b"x"]) + b"\x00"])
def test_what_is_no_cbor_has_no_number(body: bytes) -> None:
    assert r.number_of_piece(body) == -1


# --- flags ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent_at_s", "flags"),
    [
        (NOW_S + 61, ("clock-odd",)),
        (NOW_S + 60, ()),
        (NOW_S - 60, ()),
        (NOW_S - 61, ("late",)),
    ],
)
def test_a_minute_early_or_late_is_no_news_and_more_is(sent_at_s: int, flags: tuple[str, ...]) -> None:
    assert r.flags_of(DEVICE, message(sent_at_s=sent_at_s), NOW_US) == flags


@pytest.mark.parametrize(
    ("ends_at_s", "flags"), [(None, ()), (NOW_S, ()), (NOW_S - 1, ("grant-ended",)), (0, ("grant-ended",))]
)
def test_a_grant_counts_to_its_last_second(ends_at_s: int | None, flags: tuple[str, ...]) -> None:
    device = msgspec.structs.replace(DEVICE, grant_ends_at_s=ends_at_s)
    assert r.flags_of(device, message(), NOW_US) == flags


def test_a_kit_that_was_handed_back_and_a_press_without_a_place_are_flagged() -> None:
    returned = msgspec.structs.replace(DEVICE, returned=True)
    assert r.flags_of(returned, message(position=None), NOW_US) == ("kit-returned", "no-position")
    assert r.flags_of(DEVICE, message(Kind.POSITION, position=None), NOW_US) == ()


def test_all_flags_stand_on_the_event_before_those_of_its_place() -> None:
    device = msgspec.structs.replace(DEVICE, returned=True, grant_ends_at_s=1)
    late = message(Kind.POSITION, press=2, sent_at_s=1)
    event = placed(late, device=device).event
    assert event is not None and event.flags == ("late", "grant-ended", "kit-returned", "press-missing")


def test_rule_09_the_road_is_a_mark_beside_the_others_and_changes_no_place() -> None:
    press = placed(message(position=None))
    assert r.marked(press, by_sms=False) is press
    assert press.event is not None
    marked = msgspec.structs.replace(press.event, flags=("no-position", "by-sms"))
    assert r.marked(press, by_sms=True) == Placed(press.stream, marked)
    unkept = Placed("device:dev", None)
    assert r.marked(unkept, by_sms=True) is unkept


# --- canaries -------------------------------------------------------------------------------------------------------


def canary(given: Message, last_counter: int = 6, last_digest: str = "aa") -> CanaryReceived | None:
    return r.decide_canary("watch", last_counter, last_digest, given, b"\xbb")


def test_rule_04_a_canarys_press_is_no_alarm_and_the_same_one_is_kept_once() -> None:
    assert canary(message()) == CanaryReceived(
        device="watch", counter=7, sent_at_s=NOW_S, digest="bb", position=HERE
    )
    assert canary(message(), last_counter=7, last_digest="bb") is None


@pytest.mark.parametrize(
    ("given", "last_counter", "last_digest", "words"),
    [
        (message(), 7, "aa", r"^counter 7 is not above 7$"),
        (message(), 8, "aa", r"^counter 7 is not above 8$"),
        (message(), 8, "bb", r"^counter 7 is not above 8$"),
        (message(Kind.TEST), 6, "aa", r"^a canary sends nothing but presses$"),
    ],
)
def test_rule_04_a_canary_goes_on_and_sends_nothing_else(
    given: Message, last_counter: int, last_digest: str, words: str
) -> None:
    with pytest.raises(r.Conflict, match=words):
        canary(given, last_counter, last_digest)
    assert canary(message(), last_counter=6, last_digest="bb") is not None


# --- how much, how long ---------------------------------------------------------------------------------------------


def taken(bucket: r.Bucket, times: int, now_us: int) -> list[bool]:
    return [bucket.take(2, 0.5, now_us) for _ in range(times)]


def test_a_bucket_gives_its_burst_and_then_what_time_brings() -> None:
    bucket = r.Bucket(2, NOW_US)
    assert taken(bucket, 3, NOW_US) == [True, True, False]
    assert taken(bucket, 1, NOW_US + 1_999_999) == [False]
    assert taken(bucket, 2, NOW_US + 2_000_000) == [True, False]


def test_a_bucket_never_holds_more_than_its_burst_and_a_clock_set_back_brings_nothing() -> None:
    bucket = r.Bucket(2, NOW_US)
    assert taken(bucket, 3, NOW_US + 3600 * 1_000_000) == [True, True, False]
    assert taken(bucket, 1, NOW_US) == [False]
    # From there it goes on by the clock as it stands now.
    assert taken(bucket, 2, NOW_US + 2_000_000) == [True, False]


def test_a_press_joins_for_an_hour_and_a_phone_stays_quiet_for_a_day_after_a_threat() -> None:
    assert (r.TAIL_S, r.QUIET_S) == (3600, 24 * 3600)
