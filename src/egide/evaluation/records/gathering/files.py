"""Folds the life of each file: requests and decisions, reviews, new incidents, the end."""

from egide.evaluation.records import needs as n
from egide.evaluation.records.gathering.days import US_PER_DAY, day_us
from egide.evaluation.records.gathering.taking import Taking, takes

REPORT, DROPPED = "report", "dropped"
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


class File:
    """One file so far."""

    __slots__ = (
        "decided",
        "decided_zone",
        "decision",
        "incidents",
        "killed",
        "left",
        "left_us",
        "requests",
        "reviews",
        "zone",
    )

    def __init__(self, zone: str) -> None:
        self.zone = zone
        self.requests: list[Request] = []
        self.reviews: list[Review] = []
        self.incidents: list[int] = []
        self.decided = self.left_us = 0
        self.decision = self.decided_zone = self.left = ""
        self.killed = False


class Files(Taking):
    """All files of the journal, by case."""

    def __init__(self) -> None:
        self.all: dict[str, File] = {}

    @takes("FileStarted")
    def started(self, stream: str, at_us: int, kind: str, event: n.FileStarted) -> None:
        self.all[event.case] = File(event.managing_zone)

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
        rows = [(case, request) for case, file in self.all.items() for request in file.requests]
        return {
            "case": [case for case, _request in rows],
            "zone": [request.zone for _case, request in rows],
            "requested": [request.requested for _case, request in rows],
            "decided": [request.decided or None for _case, request in rows],
            "decision": [request.decision or None for _case, request in rows],
            "more_asked": [request.more_asked for _case, request in rows],
        }

    def review_columns(self) -> dict[str, list[object]]:
        rows = [(case, review) for case, file in self.all.items() for review in file.reviews]
        return {
            "case": [case for case, _review in rows],
            "zone": [review.zone for _case, review in rows],
            "set": [review.set_us for _case, review in rows],
            # Noon: a day whatever the authority's offset from UTC.
            "due": [review.due_us + US_PER_DAY // 2 for _case, review in rows],
            "settled": [review.settled or None for _case, review in rows],
        }

    def course_columns(self) -> dict[str, list[object]]:
        """Files from their first decision on; `incident` is the first one after it."""
        rows = [(case, file) for case, file in self.all.items() if file.decided]
        later: list[object] = [
            min((at for at in file.incidents if at >= file.decided), default=None) for _case, file in rows
        ]
        return {
            "case": [case for case, _file in rows],
            "zone": [file.decided_zone for _case, file in rows],
            "decided": [file.decided for _case, file in rows],
            "decision": [file.decision for _case, file in rows],
            "incident": later,
            "killed": [file.killed for _case, file in rows],
            "left_at": [file.left_us or None for _case, file in rows],
            "left": [file.left or None for _case, file in rows],
        }
