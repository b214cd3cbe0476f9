"""Folds kits and the stock: when which kit was out in which zone and silent, and where each item was."""

from math import inf

from egide.evaluation.records import needs as n
from egide.evaluation.records.gathering.taking import Taking, takes
from egide.fleet.supervision.rules import SILENT

Stretch = tuple[int, int, str]


class Kit:
    """One kit: the stretches of time in which it was out, each in one zone; an end of 0 means that it still is."""

    __slots__ = ("case", "out", "silences", "silent", "stretches", "went", "zone")

    def __init__(self, case: str, zone: str) -> None:
        self.case = case
        self.zone = zone
        # When it last went out to somebody; `out` begins anew where the file moves.
        self.out = self.silent = self.went = 0
        self.stretches: list[Stretch] = []
        self.silences: list[Stretch] = []

    def heard(self, at_us: int) -> None:
        """A silence ends, if there is one."""
        if self.silent:
            self.silences.append((self.silent, at_us, self.zone))
            self.silent = 0

    def end(self, at_us: int) -> None:
        self.heard(at_us)
        if self.out:
            self.stretches.append((self.out, at_us, self.zone))
            self.out = 0

    def all(self) -> list[Stretch]:
        return [*self.stretches, (self.out, 0, self.zone)] if self.out else self.stretches


class Kits(Taking):
    """All kits and items of the journal."""

    def __init__(self) -> None:
        self.all: dict[str, Kit] = {}
        self.items: dict[str, list[tuple[int, str, str, str]]] = {}

    @takes("KitIssued")
    def issued(self, stream: str, at_us: int, kind: str, event: n.KitIssued) -> None:
        self.all[event.kit] = Kit(event.case, event.managing_zone)

    @takes("KitHandedOver", "KitOpenedProvisionally")
    def went_out(self, stream: str, at_us: int, kind: str, event: n.KitStep) -> None:
        found = self.all.get(event.kit)
        if found is not None:
            found.went = found.went if found.out else at_us
            found.out = found.out or at_us

    @takes("KitMoved")
    def moved(self, stream: str, at_us: int, kind: str, event: n.KitMoved) -> None:
        found = self.all.get(event.kit)
        if found is not None and found.zone != event.managing_zone:
            was_out, was_silent = found.out, found.silent
            found.end(at_us)
            found.zone, found.out = event.managing_zone, at_us if was_out else 0
            found.silent = at_us if was_silent else 0

    @takes("KitReturned", "KitLost")
    def ended(self, stream: str, at_us: int, kind: str, event: n.KitStep) -> None:
        found = self.all.get(event.kit)
        if found is not None:
            found.end(at_us)

    @takes("KitTroubleTold")
    def trouble(self, stream: str, at_us: int, kind: str, event: n.KitTroubleTold) -> None:
        found = self.all.get(event.kit)
        if found is not None and found.out and event.what == SILENT:
            found.silent = found.silent or max(event.since_us, found.went)

    @takes("KitTroubleSolved")
    def solved(self, stream: str, at_us: int, kind: str, event: n.KitTroubleSolved) -> None:
        found = self.all.get(event.kit)
        if found is not None and event.what == SILENT:
            found.heard(at_us)

    @takes("ItemMoved")
    def item_moved(self, stream: str, at_us: int, kind: str, event: n.ItemMoved) -> None:
        way = self.items.setdefault(event.item, [])
        what = event.what or (way[-1][3] if way else "")
        way.append((at_us, event.now, event.zone, what))

    def kit_columns(self) -> dict[str, list[object]]:
        rows = [(kit, stretch) for kit, found in self.all.items() for stretch in found.all()]
        return {
            "kit_id": [kit for kit, _stretch in rows],
            "zone": [zone for _kit, (_begins, _ends, zone) in rows],
            "begins": [begins for _kit, (begins, _ends, _zone) in rows],
            "ends": [ends or None for _kit, (_begins, ends, _zone) in rows],
        }

    def silence_columns(self, now_us: int) -> dict[str, list[object]]:
        """Silences; one that lasts goes until now."""
        rows = [(kit, silence) for kit, found in self.all.items() for silence in found.silences]
        rows += [(kit, (found.silent, now_us, found.zone)) for kit, found in self.all.items() if found.silent]
        return {
            "kit_id": [kit for kit, _silence in rows],
            "zone": [zone for _kit, (_since, _until, zone) in rows],
            "since": [since for _kit, (since, _until, _zone) in rows],
            "until": [until for _kit, (_since, until, _zone) in rows],
        }

    def item_columns(self) -> dict[str, list[object]]:
        rows = []
        for way in self.items.values():
            following = [*(step[0] for step in way[1:]), None]
            rows += [
                (zone, way[-1][3], state, at_us, ends)
                for (at_us, state, zone, _what), ends in zip(way, following, strict=True)
            ]
        names = ("zone", "what", "state", "begins", "ends")
        return {name: [row[index] for row in rows] for index, name in enumerate(names)}

    def protection_columns(self) -> dict[str, list[object]]:
        """Stretches of each file with a kit out, whichever kit it was."""
        by_case: dict[str, list[Stretch]] = {}
        for kit in self.all.values():
            by_case.setdefault(kit.case, []).extend(kit.all())
        rows = [(case, *stretch) for case, stretches in by_case.items() for stretch in joined(stretches)]
        names = ("case", "begins", "ends", "zone")
        columns: dict[str, list[object]] = {
            name: [row[index] for row in rows] for index, name in enumerate(names)
        }
        return columns | {"ends": [ends or None for ends in columns["ends"]]}


def joined(stretches: list[Stretch]) -> list[Stretch]:
    """The same time without overlaps: a second kit beside the first adds nothing, another zone begins anew."""
    found: list[Stretch] = []
    # One that still lasts ends last: a kit that moves as it is handed over was out where it came from first.
    for begins, ends, zone in sorted(stretches, key=lambda one: (one[0], one[1] or inf)):
        if not found or (found[-1][1] and found[-1][1] < begins):
            found.append((begins, ends, zone))
            continue
        last_begins, last_ends, last_zone = found[-1]
        if not last_ends or (ends and ends <= last_ends):
            continue
        if zone == last_zone:
            found[-1] = (last_begins, ends, zone)
        else:
            found.append((last_ends, ends, zone))
    return found
