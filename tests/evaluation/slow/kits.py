"""Kits, people under protection and the stock, played again up to the end of a day."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from egide.common.clock import utc
from tests.evaluation.slow.asking import Answer, Asked, Figure, Member, is_at, split_of
from tests.evaluation.slow.files import at_zone, content
from tests.evaluation.slow.reading import BRUSSELS, Past, Told, days

KIT_STEPS = ("KitIssued", "KitHandedOver", "KitOpenedProvisionally", "KitMoved", "KitReturned", "KitLost")
USABLE = ("stock", "zone", "prepared", "issued")


class Kit:
    """One kit after all that was told of it up to some day."""

    def __init__(self, told: list[Told]) -> None:
        self.case = content(told[0])["case"]
        self.zone = content(told[0])["managing_zone"]
        self.is_out = False
        self.out_first: Told | None = None
        self.back_last: Told | None = None
        # The zone in which it was when it first went out, and when it last came back.
        self.zone_first = self.zone_last = ""
        for one in told:
            if one.kind == "KitMoved":
                self.zone = content(one)["managing_zone"]
            if one.kind in ("KitHandedOver", "KitOpenedProvisionally"):
                self.is_out = True
                if self.out_first is None:
                    self.out_first, self.zone_first = one, self.zone
            if one.kind in ("KitReturned", "KitLost") and self.is_out:
                self.is_out = False
                self.back_last, self.zone_last = one, self.zone


def kits(past: Past, by: date | None = None) -> list[Kit]:
    streams: dict[str, list[Told]] = {}
    for one in past.of(*KIT_STEPS, by=by):
        streams.setdefault(content(one)["kit"], []).append(one)
    return [Kit(told) for told in streams.values()]


def by_case(past: Past, by: date | None = None) -> dict[str, list[Kit]]:
    found: dict[str, list[Kit]] = {}
    for kit in kits(past, by):
        found.setdefault(kit.case, []).append(kit)
    return found


def first_outs(past: Past) -> Iterator[Member]:
    """Each file on the day on which its first kit left the house."""
    for some in by_case(past).values():
        out = [kit for kit in some if kit.out_first]
        if out:
            first = min(out, key=_left_at)
            assert first.out_first
            yield Member(day=first.out_first.day, where=at_zone(past, first.zone_first))


def _left_at(kit: Kit) -> int:
    assert kit.out_first
    return kit.out_first.seq


def ever_on(past: Past, day: date) -> Iterator[Member]:
    for one in first_outs(past):
        if one.day and one.day <= day:
            yield Member(one.where)


def protected_on(past: Past, day: date) -> Iterator[Member]:
    """Files with a kit out at the end of the day."""
    for some in by_case(past, day).values():
        out = [kit for kit in some if kit.is_out]
        if out:
            yield Member(where=at_zone(past, out[0].zone))


def in_use_on(past: Past, day: date) -> Iterator[Member]:
    for kit in kits(past, day):
        if kit.is_out:
            yield Member(where=at_zone(past, kit.zone))


def ended(past: Past) -> Iterator[Member]:
    """Files without a kit out any more, on the day on which the last came back; `number`: days with one out."""
    for case, some in by_case(past).items():
        back = [kit for kit in some if kit.back_last]
        if any(kit.is_out for kit in some) or not back:
            continue
        last = max(back, key=_came_at)
        assert last.back_last
        held = 0
        for day in days(past.since, past.until):
            held += any(kit.is_out for kit in by_case(past, day).get(case, []))
        yield Member(day=last.back_last.day, number=held, where=at_zone(past, last.zone_last))


def _came_at(kit: Kit) -> int:
    assert kit.back_last
    return kit.back_last.seq


@dataclass(frozen=True)
class Silence:
    """A time in which nothing was heard of a kit, as far as it lay in one zone."""

    zone: str
    since: datetime
    until: datetime


def silences(past: Past) -> Iterator[Silence]:
    """From when a kit that is out was heard last until it is heard again, is back or lost; until now where it lasts."""
    streams: dict[str, list[Told]] = {}
    for one in past.of(*KIT_STEPS, "KitTroubleTold", "KitTroubleSolved"):
        streams.setdefault(content(one)["kit"], []).append(one)
    for told in streams.values():
        zone, left, since = "", None, None
        for one in told:
            what, at = content(one), one.at.astimezone(UTC)
            if one.kind in ("KitIssued", "KitMoved"):
                if since is not None:
                    yield Silence(zone, since, at)
                    since = at
                zone = what["managing_zone"]
            elif one.kind in ("KitHandedOver", "KitOpenedProvisionally"):
                left = left or at
            elif one.kind == "KitTroubleTold" and what["what"] == "silent" and left is not None:
                since = since or max(utc(what["since_us"]), left)
            elif one.kind in ("KitReturned", "KitLost") or what.get("what") == "silent":
                if since is not None:
                    yield Silence(zone, since, at)
                since = None
                left = None if one.kind in ("KitReturned", "KitLost") else left
        if since is not None:
            yield Silence(zone, since, past.now.astimezone(UTC))


def hours_on(silence: Silence, day: date) -> float:
    """Hours of this day in the silence."""
    begins = datetime.combine(day, time(), BRUSSELS).astimezone(UTC)
    ends = datetime.combine(day + timedelta(days=1), time(), BRUSSELS).astimezone(UTC)
    seconds = (min(ends, silence.until) - max(begins, silence.since)).total_seconds()
    return max(0.0, seconds) / 3600


def silent(past: Past, asked: Asked) -> Answer | str:
    """Hours of silence for each kit and thirty days, from the first day on which supervision told of anything."""
    watched = next((one.day for one in past.of("KitTroubleTold")), None)
    if watched is None or asked.last < watched:
        return "not-recorded"
    whole = _silent(past, replace(asked, by=""), watched).get("", Figure(n=0, unknown="nobody"))
    parts = _silent(past, asked, watched) if asked.by else {}
    return Answer(whole, {(split,): one for split, one in parts.items()})


def _silent(past: Past, asked: Asked, watched: date) -> dict[str, Figure]:
    """By split: the hours of silence over the days on which kits were out, for thirty of them."""
    days_of: dict[str, int] = {}
    hours_of: dict[str, float] = {}
    every = list(silences(past))
    for day in days(max(asked.first, watched), min(asked.last, past.until)):
        out = [Member(one.where, day) for one in in_use_on(past, day)]
        for one in out:
            if is_at(one, asked):
                split = split_of(one, asked.by)
                days_of[split] = days_of.get(split, 0) + 1
        for silence in every:
            there = Member(at_zone(past, silence.zone), day)
            if is_at(there, asked):
                split = split_of(there, asked.by)
                hours_of[split] = hours_of.get(split, 0.0) + hours_on(silence, day)
    return {
        split: Figure(value=hours_of.get(split, 0.0) / number * 30, n=number)
        for split, number in days_of.items()
    }


def usable_on(past: Past, day: date) -> Iterator[Member]:
    """Buttons of which the last that was told by the end of the day is that they can be used."""
    last: dict[str, Told] = {}
    for one in past.of("ItemMoved", by=day):
        last[content(one)["item"]] = one
    what = {
        content(one)["item"]: content(one)["what"] for one in past.of("ItemMoved") if content(one)["what"]
    }
    for item, one in last.items():
        if what.get(item) == "button" and content(one)["now"] in USABLE:
            yield Member(where=at_zone(past, content(one)["zone"]))
