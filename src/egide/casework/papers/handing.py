"""Papers from elsewhere that are handed to the team that is sent: those that an officer of its zone marked, one by one.

Whoever sees such a paper sees it whole, and no program finds an address in a scan. So the officer says of each
non-disclosed address that the paper does not tell it; of one that came into the file later nobody has said so, and the
paper is held back until somebody does.
"""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

import msgspec
from django.db import transaction

from egide.casework import models as m
from egide.casework.file.reading import PlaceInFile, places_of
from egide.casework.file.secrecy import address_words, blacken, pattern_of
from egide.casework.file.store import seal, unseal
from egide.casework.papers.keeping import ATTACHMENT, ForTeam, NoSuchPaper, PaperFacts, papers_of, read_paper
from egide.common.folding import fold
from egide.events.base import Event
from egide.events.casework import PaperMarkedForTeam, PaperUnmarkedForTeam
from egide.outbox.service import clock, keys, offer

# Whether a paper goes to a team: not marked, marked, or marked before an address was hidden.
KEPT, HANDED, HELD_BACK = "", "handed", "held-back"


class NotLookedFor(ValueError):
    """A non-disclosed address of the file of which nobody said that the paper does not tell it."""


@dataclass(frozen=True)
class HandedPaper:
    """A paper as those see it who are on their way; its bytes come by `read_handed`."""

    id: str
    title: str
    source: str
    on: date | None
    media: str


def address_mark(address: str) -> str:
    """The same for an address however it is spelt; a corrected one is looked for anew."""
    return hashlib.sha256(fold(address).encode()).hexdigest()[:32]


def hidden_addresses(places: Iterable[PlaceInFile]) -> dict[str, str]:
    """The non-disclosed addresses among these places, by their marks."""
    return {address_mark(place.facts.address): place.facts.address for place in places if place.non_disclosed}


def state_of(facts: PaperFacts, hidden: Collection[str]) -> str:
    """KEPT, HANDED or HELD_BACK; `hidden` are the marks of the addresses that are hidden now."""
    if facts.for_team is None:
        return KEPT
    return HANDED if set(hidden) <= set(facts.for_team.looked_for) else HELD_BACK


@transaction.atomic
def do_mark(case_id: str, paper_id: str, by: str, looked_for: Collection[str]) -> None:
    """Hand this attachment to teams from now on. Raises NoSuchPaper, NotLookedFor.

    Who marks what is handed already changes nothing: it stays on record who was first.
    """
    row, facts = _attachment(case_id, paper_id)
    hidden = hidden_addresses(places_of(case_id))
    if not set(hidden) <= set(looked_for):
        raise NotLookedFor(paper_id)
    if state_of(facts, hidden) == HANDED:
        return
    mark = ForTeam(by=by, at_us=clock().now_us(), looked_for=tuple(sorted(hidden)))
    event = PaperMarkedForTeam(case=case_id, user=by, paper=paper_id, addresses=len(hidden))
    _write(row, msgspec.structs.replace(facts, for_team=mark), event)


@transaction.atomic
def do_unmark(case_id: str, paper_id: str, by: str) -> None:
    """Hand it to no team any more. Raises NoSuchPaper."""
    row, facts = _attachment(case_id, paper_id)
    if facts.for_team is not None:
        event = PaperUnmarkedForTeam(case=case_id, user=by, paper=paper_id)
        _write(row, msgspec.structs.replace(facts, for_team=None), event)


def handed_papers(case_id: str, places: Collection[PlaceInFile]) -> tuple[HandedPaper, ...]:
    """What is handed to the team of an alarm of this file, newest first; `places` are those of the file.

    Title and source tell no non-disclosed address either, wherever the alarm comes from.
    """
    hidden = hidden_addresses(places)
    black = pattern_of(address_words(place.facts for place in places if place.non_disclosed))
    return tuple(
        HandedPaper(
            one.id,
            blacken(one.facts.title, black),
            blacken(one.facts.source, black),
            one.facts.on,
            one.facts.media,
        )
        for one in papers_of(case_id, (ATTACHMENT,))
        if state_of(one.facts, hidden) == HANDED
    )


def read_handed(case_id: str, paper_id: str) -> tuple[str, bytes]:
    """(media type, bytes) of a paper that is handed to teams now. Raises NoSuchPaper, KeyErased."""
    _row, facts = _attachment(case_id, paper_id)
    if state_of(facts, hidden_addresses(places_of(case_id))) != HANDED:
        raise NoSuchPaper(paper_id)
    return facts.media, read_paper(case_id, paper_id)[2]


def _attachment(case_id: str, paper_id: str) -> tuple[m.Paper, PaperFacts]:
    papers = m.Paper.objects.filter(case_id=case_id, id=paper_id, kind=ATTACHMENT)
    row = papers.defer("content").first()
    if row is None:
        raise NoSuchPaper(paper_id)
    return row, unseal(keys().record_key(case_id), row, PaperFacts)


def _write(row: m.Paper, facts: PaperFacts, event: Event) -> None:
    row.sealed = seal(keys().record_key(row.case_id), row, facts)
    row.version += 1
    row.save(update_fields=["sealed", "version"])
    offer(event, f"case:{row.case_id}", row.case_id)
