"""How each connector of this installation stands, and a try by hand: the same for the command and for the page.

Without a secret, and without an address: some addresses are secrets.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from egide.common.config import Config
from egide.common.settings import settings_of
from egide.common.text import _, gettext_noop
from egide.connectors.base import Alert, Connector, RoadError
from egide.connectors.dispatch.facts import HEARD, TOLD
from egide.connectors.dispatch.facts import TRIED as TESTED
from egide.connectors.dispatch.receivers import Receiver, receivers_of
from egide.connectors.registry import declared
from egide.journal.now.outcomes import (
    ANSWERED,
    ANSWERS,
    ARRIVED,
    LISTENING,
    NOT_OURS,
    TAKEN,
    WRITTEN,
    Outcome,
    outcomes,
)
from egide.journal.now.signs import Beat, ChainTrouble, Last, Signs

# Before its name, of what `Signs.last` keeps of the last try by hand.
TRIED = "tried "
NOT_TAKEN = "not-taken"
# For a person, in English: a word of success of `Outcomes`, and what a dispatch system said last.
WELL: Mapping[str, str] = {
    ANSWERS: gettext_noop("it answers"),
    TAKEN: gettext_noop("it was taken"),
    LISTENING: gettext_noop("connected"),
    WRITTEN: gettext_noop("it was sent; nobody there confirms it"),
    ANSWERED: gettext_noop("it was answered"),
    ARRIVED: gettext_noop("it arrived on the phone"),
    NOT_OURS: gettext_noop("it works; what came was no press"),
}
IT_WORKED = gettext_noop("it worked")
SAID: Mapping[str, str] = {
    "fetched": gettext_noop("fetched what is due"),
    "message.taken": gettext_noop("took a message"),
    "alarm.shown": gettext_noop("an alarm is shown there"),
    "alarm.answered": gettext_noop("a person there answered an alarm"),
    "chat.begun": gettext_noop("began a chat in an alarm"),
    "chat.said": gettext_noop("wrote in the chat of an alarm"),
    "chat.over": gettext_noop("ended the chat of an alarm"),
    "neighbour.said": gettext_noop("said how far a copy of an alarm is"),
    "neighbour.strange": gettext_noop("sent something that nobody here can take: call them"),
}
SAID_UNIT = gettext_noop("said how far a unit is")
# Of dispatch systems what connectors declare of their parts; and of both, what somebody tried by hand.
_TOLD, _HEARD = gettext_noop("Last message to it"), gettext_noop("Last heard of it")
_BY_HAND = gettext_noop("Last try by hand")


@dataclass(frozen=True)
class Standing:
    """One connector here. `settings` are the variables that are set; times in µs since 1970, None where there is none.

    `key_since_us` is when the youngest of its files was written; `heard_us` the latest sign of life of who works it.
    `came`: what became last of its parts, as far as its processes know.
    """

    connector: Connector
    is_set_up: bool
    settings: tuple[str, ...]
    faults: tuple[str, ...]
    key_since_us: int | None
    heard_us: int | None
    troubles: tuple[ChainTrouble, ...]
    tried: Last | None
    came: Mapping[str, Outcome]

    @property
    def may_be_tried(self) -> bool:
        """Whether there is something to try, and its settings let it."""
        return self.is_set_up and not self.faults and self.connector.attempt is not None


@dataclass(frozen=True)
class Went:
    """How one part of a road went last: `part` and `how` (where it is well) are English sentences of the catalogues,
    `came` is None where nothing came yet. `is_by_hand`: it was a try, and no real traffic."""

    road: str
    part: str
    came: Outcome | None
    how: str
    is_by_hand: bool = False


def went(config: Config, signs: Signs) -> list[Went]:
    """Of each road that is set up and each dispatch system. Raises JournalUnavailable."""
    try:
        receivers = receivers_of(config)
    except ValueError:
        # What is wrong in their file is said by others; until it is mended none is told anything.
        receivers = ()
    found = [each for one in standings(config, signs, receivers) if one.is_set_up for each in went_of(one)]
    return found + went_of_systems(signs, receivers)


def went_of(one: Standing) -> Iterator[Went]:
    """Of each part of a road, and of the last try by hand where it can be tried."""
    name = one.connector.name
    for part, words in one.connector.parts.items():
        came = one.came.get(part)
        yield Went(name, words, came, WELL.get(came.word, IT_WORKED) if came else "")
    if one.connector.attempt is not None:
        yield _by_hand(name, one.tried)


def went_of_systems(signs: Signs, receivers: Sequence[Receiver]) -> list[Went]:
    """What became of the last message to each, what was heard of it last, and of the last test. Raises
    JournalUnavailable."""
    told, heard, tested = signs.last(TOLD), signs.last(HEARD), signs.last(TESTED)
    found = []
    for name in (one.name for one in receivers):
        said = heard.get(name)
        came = Outcome(said.at_us, said.word, said.at_us, True) if said else None
        found.append(Went(name, _TOLD, _outcome(told.get(name)), WELL[TAKEN]))
        found.append(Went(name, _HEARD, came, SAID.get(said.word, SAID_UNIT) if said else ""))
        found.append(_by_hand(name, tested.get(name)))
    return found


def _by_hand(name: str, tried: Last | None) -> Went:
    return Went(name, _BY_HAND, _outcome(tried), WELL[TAKEN], is_by_hand=True)


def _outcome(last: Last | None) -> Outcome | None:
    if last is None:
        return None
    is_well = last.word == TAKEN
    return Outcome(last.at_us, last.word, last.at_us if is_well else None, is_well)


def standings(config: Config, signs: Signs, receivers: tuple[Receiver, ...]) -> list[Standing]:
    """All of them, in the order of the alphabet. `receivers` are the dispatch systems of the settings. Raises
    JournalUnavailable."""
    beats, troubles, tried = signs.beats(), signs.troubles(), signs.last(TRIED)
    variables, came = settings_of(Config), outcomes(signs)
    found = []
    for one in declared().values():
        names = (*one.needs, *one.settings)
        is_set_up = one.is_set_up(config) or any(receiver.kind in one.kinds for receiver in receivers)
        found.append(
            Standing(
                one,
                is_set_up,
                tuple(
                    variables[name].variable
                    for name in names
                    if is_set_up and getattr(config, name) != variables[name].default
                ),
                tuple(one.faults(config)),
                _since(one, config),
                _heard(one, beats),
                tuple(trouble for trouble in troubles if one.trouble and trouble.kind == one.trouble),
                tried.get(one.name),
                {part: at for part, at in came.get(one.name, {}).items() if part in one.parts},
            )
        )
    return found


def do_try(one: Connector, config: Config, signs: Signs) -> None:
    """Try it as it declares, and note what became of it. Raises RoadError."""
    if one.attempt is None:
        raise RoadError("nothing can be tried here")
    subject, text = _("Egide: a test"), _("Nothing has happened. Somebody tries this.")
    alert = Alert(f"test-{uuid4().hex}", subject, text)
    try:
        one.attempt.run(config, alert)
    except RoadError:
        signs.note_last(f"{TRIED}{one.name}", NOT_TAKEN)
        raise
    signs.note_last(f"{TRIED}{one.name}", TAKEN)


def _since(one: Connector, config: Config) -> int | None:
    times = [at_us for path in one.keys(config) if (at_us := _written_us(path)) is not None]
    return max(times, default=None)


def _written_us(path: Path) -> int | None:
    """None where this account may not see it."""
    try:
        return round(path.stat().st_mtime * 1e6)
    except OSError:
        return None


def _heard(one: Connector, beats: dict[str, Beat]) -> int | None:
    """By the name of its signs of life, alone or with a port or a receiver behind."""
    times = [
        beat.at_us
        for name, beat in beats.items()
        if one.beat and (name == one.beat or name.startswith(f"{one.beat} "))
    ]
    return max(times, default=None)
