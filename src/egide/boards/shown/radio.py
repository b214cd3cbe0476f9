"""What is read out by radio: a first breath of twenty seconds, weapons first, then all the rest (rule 3).

Nothing is shortened: what finds no room in the first breath is read out whole in the second part.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from egide.access.templatetags.units import day, metres
from egide.alarm.events import REGISTERED, REPORTED
from egide.alarm.state import AlarmState
from egide.boards.geography import address_near, point_near
from egide.boards.service import (
    Aged,
    Briefing,
    Sourced,
    WeaponFacts,
    disclosed_address,
    is_hushed,
    last_position,
)
from egide.boards.shown.earlier import spoken_proof
from egide.boards.shown.position import is_by_hand
from egide.boards.shown.words import coordinates_of, language, place_of

# Twenty seconds at the pace of reading out, 150 words a minute.
BREATH_WORDS = 50
WORDS_A_MINUTE = 150
# A number with at least this many digits is read out digit by digit.
_SPELLED = re.compile(r"\d{3,}")

# What is given room in the first breath before what; the order of reading is another.
_WHERE, _PERSON, _WEAPON, _INSTRUCTION, _CONTACT, _PERPETRATOR, _LATER = range(7)


@dataclass(frozen=True)
class RadioText:
    """Sentences in the order of reading: `first` fits in one breath, `second` has all that `first` leaves out."""

    first: tuple[str, ...]
    second: tuple[str, ...]

    @property
    def first_s(self) -> int:
        return reading_s(self.first)

    @property
    def second_s(self) -> int:
        return reading_s(self.second)


@dataclass(frozen=True)
class _Piece:
    """A sentence, or one weapon of the list; `whole` has its source and date, where `text` has no room for them."""

    rank: int
    text: str
    whole: str = ""


def spoken_words(text: str) -> int:
    """How many words are read out: signs alone are none, and long numbers are as many as they have digits."""
    words = sum(any(sign.isalnum() for sign in part) for part in text.split())
    return words + sum(len(number) - 1 for number in _SPELLED.findall(text))


def reading_s(sentences: Sequence[str]) -> int:
    """How long it takes to read them out, in whole seconds."""
    return -(-60 * sum(map(spoken_words, sentences)) // WORDS_A_MINUTE)


def radio_text(briefing: Briefing, state: AlarmState) -> RadioText:
    """Both parts. A non-disclosed address never goes over the air, wherever she is."""
    pieces = list(_pieces(briefing, state))
    taken: list[_Piece] = []
    for piece in sorted(pieces, key=lambda piece: piece.rank):
        more = [one for one in pieces if one in taken or one is piece]
        if sum(map(spoken_words, _first(more, pieces, state))) <= BREATH_WORDS:
            taken = more
    second = (piece.whole or piece.text for piece in pieces if piece.whole or piece not in taken)
    return RadioText(tuple(_first(taken, pieces, state)), tuple(second))


def _first(taken: list[_Piece], pieces: list[_Piece], state: AlarmState) -> list[str]:
    """The first breath with these pieces in it; it says how many weapons are still to come."""
    head = _("Silent alarm, under duress.") if state.press.duress else _("Silent alarm.")
    listed = [piece.text for piece in taken if piece.rank == _WEAPON]
    left = sum(piece.rank == _WEAPON for piece in pieces) - len(listed)
    if left:
        listed.append(_("%(n)s more to follow") % {"n": left})
    weapons = _("Weapons: %(weapons)s.") % {"weapons": ", ".join(listed)}
    opening = f"{head} {weapons if listed else _('No weapon in the file.')}"
    return [opening, *(piece.text for piece in taken if piece.rank != _WEAPON)]


def _pieces(briefing: Briefing, state: AlarmState) -> Iterator[_Piece]:
    """Everything, in the order of reading."""
    person = briefing.file.beneficiary
    for weapon in briefing.file.weapons:
        seen = _("seen") if weapon.known else _("suspected")
        yield _Piece(_WEAPON, f"{weapon.text} ({seen})", _weapon(weapon, seen))
    yield from _where(briefing, state)
    if proof := spoken_proof(state):
        yield _Piece(_CONTACT, proof)
    for told in briefing.file.facts.instructions:
        yield _Piece(_INSTRUCTION, _("Instruction: %(told)s.") % {"told": _sourced(told)})
    yield _Piece(_PERSON, _("Person: %(name)s, %(age)s years.") % {"name": person.name, "age": briefing.age})
    if person.silence:
        yield _Piece(_CONTACT, _("Contact: %(how)s.") % {"how": person.silence.rstrip(".")})
    for one in briefing.perpetrators:
        short = _listed(one.facts.name, one.facts.description, one.facts.vehicle)
        yield _Piece(
            _PERPETRATOR, _("Perpetrator: %(told)s.") % {"told": short}, _perpetrator(one, said=short)
        )


def _weapon(weapon: WeaponFacts, seen: str) -> str:
    return _("Weapon: %(told)s.") % {"told": _listed(weapon.text, seen, *_origin(weapon))}


def _where(briefing: Briefing, state: AlarmState) -> Iterator[_Piece]:
    """The position in words, and in figures; each address of the file that may be said."""
    here, at = disclosed_address(briefing, state), last_position(state)
    position = _position(briefing, here, state)
    yield _Piece(_WHERE, position or _("Position not known."))
    if at is not None:
        yield _Piece(_LATER, _("Coordinates: %(at)s.") % {"at": coordinates_of(at)})
    for place in briefing.file.places:
        if not place.non_disclosed and place.facts.address != here:
            address = _("Address in the file: %(address)s.") % {"address": place.facts.address}
            yield _Piece(_LATER if position else _WHERE, address)


def _position(briefing: Briefing, address: str, state: AlarmState) -> str:
    """At an address of the file, near one of the authority's list, or seen from the nearest place."""
    route = state.lead.route
    if route is None or route.position is None:
        return ""
    is_said = not address and not is_hushed(briefing, route.position)
    near = address_near(route.position, language()) if is_said else None
    # Where no house is near, as on a motorway, whoever drives there reads its posts.
    point = point_near(route.position, language()) if is_said and (not near or near.within_m is None) else ""
    where = address or point or (near.where if near else "") or place_of(route)
    if not where:
        return ""
    within_m = max(route.position.accuracy_m, near.within_m or 0) if near else route.position.accuracy_m
    if route.basis == REGISTERED:
        told = _("Registered address: %(place)s, to within %(accuracy)s.")
    elif route.basis == REPORTED:
        told = _("Position that a tracker reports: %(place)s, to within %(accuracy)s.")
    elif route.basis == "last known":
        told = _("Last known position: %(place)s, to within %(accuracy)s.")
    else:
        told = _("Position: %(place)s, to within %(accuracy)s.")
    position = told % {"place": where, "accuracy": metres(within_m)}
    return f"{position} {_('Entered by hand, not measured.')}" if is_by_hand(route.position) else position


def _perpetrator(one: Aged, said: str) -> str:
    facts = one.facts
    age = ngettext("%(n)s year", "%(n)s years", one.age) % {"n": one.age} if one.age is not None else ""
    acts_for = _("acts for %(name)s") % {"name": facts.acts_for} if facts.acts_for else ""
    judged = [_sourced(told) for told in facts.personality]
    more = _listed(age, facts.relation, acts_for, facts.addictions, facts.likely_places, *judged)
    return _("Perpetrator: %(told)s.") % {"told": _listed(said, more)}


def _sourced(told: Sourced) -> str:
    return f"{told.text.rstrip('.')} ({_listed(*_origin(told))})"


def _origin(told: Sourced) -> tuple[str, str, str]:
    return (_("verified") if told.verified else _("reported"), told.source, day(told.on))


def _listed(*parts: str) -> str:
    return ", ".join(part.rstrip(".") for part in parts if part)
