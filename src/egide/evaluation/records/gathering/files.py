"""Folds the life of each file: requests and decisions, reviews, new incidents, deaths, the end."""

from dataclasses import dataclass

from egide.evaluation.records import needs as n
from egide.evaluation.records.gathering.days import US_PER_DAY, day_us
from egide.evaluation.records.gathering.taking import Taking, takes

REPORT, DROPPED = "report", "dropped"
# Whose death closes a file, and how it is left then.
PROTECTED, DIED = "protected", "died"
# The version of a row of a file that was added just now.
ADDED = 1


class Request:
    """One request: moments in microseconds, 0 for what has not happened."""

    __slots__ = ("decided", "decision", "more_asked", "requested", "zone")

    def __init__(self, requested: int, zone: str) -> None:
        self.requested = requested
        self.zone = zone
        self.decided = self.more_asked = 0
        self.decision = ""


class Review:
    """A review that is due: `due_us` is the midnight (UTC) of a day."""

    __slots__ = ("due_us", "set_us", "settled", "zone")

    def __init__(self, set_us: int, due_us: int, zone: str) -> None:
        self.set_us = set_us
        self.due_us = due_us
        self.settled = 0
        self.zone = zone


@dataclass
class Death:
    """An entry of a death with the latest word on it; `noted_us` and `zone` are those of the first."""

    noted_us: int
    zone: str
    said: n.DeathNoted

    @property
    def day_us(self) -> int:
        """Noon of the day on which it was: a day whatever the authority's offset from UTC."""
        return day_us(self.said.on) + US_PER_DAY // 2


class File:
    """One file so far."""

    __slots__ = (
        "deaths",
        "decided",
        "decided_zone",
        "decision",
        "incidents",
        "killed",
        "left",
        "left_us",
        "requests",
        "reviews",
        "started",
        "zone",
    )

    def __init__(self, zone: str, started: int) -> None:
        self.zone = zone
        self.started = started
        self.deaths: dict[str, Death] = {}
        self.requests: list[Request] = []
        self.reviews: list[Review] = []
        self.incidents: list[int] = []
        self.decided = self.left_us = 0
        self.decision = self.decided_zone = self.left = ""
        self.killed = False

    @property
    def died(self) -> Death | None:
        """The death of the protected person, if it stands: it closes the file from the moment it was entered."""
        return next((one for one in self.deaths.values() if one.said.who == PROTECTED), None)

    def first_decision(self) -> tuple[int, str, str]:
        """When it was decided first, how, and in which zone; a death before any decision stands for one."""
        died = self.died
        if self.decided or died is None:
            return self.decided, self.decision, self.decided_zone
        return min(died.noted_us, max(died.day_us, self.started)), DROPPED, died.zone

    def leaving(self) -> tuple[int, str]:
        """When nobody looked after it any more, and how it was left; 0 while somebody does."""
        if self.left or self.died is None:
            return self.left_us, self.left
        return self.died.noted_us, DIED


class Files(Taking):
    """All files of the journal, by case."""

    def __init__(self) -> None:
        self.all: dict[str, File] = {}

    @takes("FileStarted")
    def started(self, stream: str, at_us: int, kind: str, event: n.FileStarted) -> None:
        self.all[event.case] = File(event.managing_zone, at_us)

    @takes("FileMoved")
    def moved(self, stream: str, at_us: int, kind: str, event: n.FileMoved) -> None:
        """What waits goes with the file: an open request, and the review that stands."""
        found = self.all.get(event.case)
        if found is None:
            return
        found.zone = event.to_zone
        if found.requests and not found.requests[-1].decided:
            found.requests[-1].zone = event.to_zone
        self._set_review(found, at_us, self._standing(found))

    @takes("FileRequested")
    def requested(self, stream: str, at_us: int, kind: str, event: n.FileStep) -> None:
        found = self.all.get(event.case)
        if found is not None:
            found.requests.append(Request(at_us, found.zone))
            found.left, found.left_us = "", 0

    @takes("FileChanged")
    def changed(self, stream: str, at_us: int, kind: str, event: n.FileChanged) -> None:
        found = self.all.get(event.case)
        if found is None:
            return
        if event.part == REPORT and event.version == ADDED:
            found.incidents.append(at_us)
        elif event.part == DROPPED:
            if found.requests and not found.requests[-1].decided:
                found.requests[-1].decided, found.requests[-1].decision = at_us, DROPPED
            self._decide_first(found, DROPPED, at_us)
            self._leave(found, DROPPED, at_us)

    @takes("GrantDecided")
    def decided(self, stream: str, at_us: int, kind: str, event: n.GrantDecided) -> None:
        found = self.all.get(event.case)
        if found is None:
            return
        open_request = found.requests[-1] if found.requests and not found.requests[-1].decided else None
        if event.decision == "more-asked":
            if open_request is not None:
                open_request.more_asked += 1
            return
        if open_request is not None:
            open_request.decided, open_request.decision = at_us, event.decision
        self._decide_first(found, event.decision, at_us)
        if event.decision == "refused":
            self._leave(found, "refused", at_us)
        elif event.review_on is not None:
            self._set_review(found, at_us, day_us(event.review_on))

    @takes("GrantReviewed")
    def reviewed(self, stream: str, at_us: int, kind: str, event: n.GrantReviewed) -> None:
        found = self.all.get(event.case)
        if found is not None:
            self._set_review(found, at_us, day_us(event.review_on) if event.review_on else 0)

    @takes("LifeEventNoted")
    def life_event(self, stream: str, at_us: int, kind: str, event: n.LifeEventNoted) -> None:
        found = self.all.get(event.case)
        if found is not None:
            due_us, standing_us = day_us(event.due), self._standing(found)
            self._set_review(found, at_us, min(due_us, standing_us) if standing_us else due_us)

    @takes("GrantWithdrawn")
    def withdrawn(self, stream: str, at_us: int, kind: str, event: n.FileStep) -> None:
        found = self.all.get(event.case)
        if found is not None:
            self._leave(found, "withdrawn", at_us)

    @takes("FileEnded")
    def ended(self, stream: str, at_us: int, kind: str, event: n.FileStep) -> None:
        found = self.all.get(event.case)
        if found is not None:
            self._leave(found, "ended", at_us)

    @takes("DeathNoted")
    def death(self, stream: str, at_us: int, kind: str, event: n.DeathNoted) -> None:
        found = self.all.get(event.case)
        if found is None:
            return
        entry = found.deaths.setdefault(event.death, Death(at_us, found.zone, event))
        entry.said = event
        if event.due is not None:
            due_us, standing_us = day_us(event.due), self._standing(found)
            self._set_review(found, at_us, min(due_us, standing_us) if standing_us else due_us)

    @takes("DeathTakenBack")
    def taken_back(self, stream: str, at_us: int, kind: str, event: n.DeathTakenBack) -> None:
        """It counts as never said."""
        found = self.all.get(event.case)
        if found is not None:
            found.deaths.pop(event.death, None)

    @staticmethod
    def _decide_first(found: File, decision: str, at_us: int) -> None:
        if not found.decided:
            found.decided, found.decision, found.decided_zone = at_us, decision, found.zone

    def _leave(self, found: File, how: str, at_us: int) -> None:
        found.left, found.left_us = how, at_us
        self._set_review(found, at_us, 0)

    @staticmethod
    def _standing(found: File) -> int:
        """When the review that stands is due; 0 when none does."""
        last = found.reviews[-1] if found.reviews else None
        return last.due_us if last and not last.settled else 0

    def _set_review(self, found: File, at_us: int, due_us: int) -> None:
        """Settle the review that stands; set the next when there is one."""
        for review in found.reviews:
            review.settled = review.settled or at_us
        if due_us:
            found.reviews.append(Review(at_us, due_us, found.zone))

    def request_columns(self) -> dict[str, list[object]]:
        rows = [(case, file.died, request) for case, file in self.all.items() for request in file.requests]
        # Who died waits for nothing.
        settled = [
            (one.decided, one.decision) if one.decided or not died else (died.noted_us, DROPPED)
            for _case, died, one in rows
        ]
        return {
            "case": [case for case, _died, _request in rows],
            "zone": [request.zone for _case, _died, request in rows],
            "requested": [request.requested for _case, _died, request in rows],
            "decided": [decided or None for decided, _decision in settled],
            "decision": [decision or None for _decided, decision in settled],
            "more_asked": [request.more_asked for _case, _died, request in rows],
        }

    def review_columns(self) -> dict[str, list[object]]:
        """Of a file whose protected person died none waits from then on, and none is set by what comes later, such as
        its move to another zone.
        """
        rows = [
            (case, died, review)
            for case, file in self.all.items()
            for died in (file.died,)
            for review in file.reviews
            if died is None or review.set_us <= died.noted_us
        ]
        settled: list[object] = [
            min(review.settled or died.noted_us, died.noted_us) if died else review.settled or None
            for _case, died, review in rows
        ]
        return {
            "case": [case for case, _died, _review in rows],
            "zone": [review.zone for _case, _died, review in rows],
            "set": [review.set_us for _case, _died, review in rows],
            # Noon: a day whatever the authority's offset from UTC.
            "due": [review.due_us + US_PER_DAY // 2 for _case, _died, review in rows],
            "settled": settled,
        }

    def course_columns(self) -> dict[str, list[object]]:
        """Files from their first decision on; `incident` is the first one after it."""
        rows = [(case, file, *file.first_decision()) for case, file in self.all.items()]
        rows = [row for row in rows if row[2]]
        later: list[object] = [
            min((at for at in file.incidents if at >= decided), default=None)
            for _case, file, decided, _how, _zone in rows
        ]
        return {
            "case": [case for case, *_decision in rows],
            "zone": [zone for *_decision, zone in rows],
            "decided": [decided for _case, _file, decided, _how, _zone in rows],
            "decision": [how for *_decision, how, _zone in rows],
            "incident": later,
            "killed": [file.killed for _case, file, *_decision in rows],
            "left_at": [file.leaving()[0] or None for _case, file, *_decision in rows],
            "left": [file.leaving()[1] or None for _case, file, *_decision in rows],
        }

    def death_columns(self) -> dict[str, list[object]]:
        """The deaths that stand in files, by the latest word on each."""
        rows = [(case, death) for case, file in self.all.items() for death in file.deaths.values()]
        return {
            "case": [case for case, _death in rows],
            "zone": [death.zone for _case, death in rows],
            "day": [death.day_us for _case, death in rows],
            "died": [death.said.who for _case, death in rows],
            "violence": [death.said.violence for _case, death in rows],
            "in_alarm": [death.said.in_alarm for _case, death in rows],
        }
