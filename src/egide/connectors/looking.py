"""How each connector of this installation stands, and a try by hand: the same for the command and for the page.

Without a secret, and without an address: some addresses are secrets.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from egide.common.config import Config
from egide.common.settings import settings_of
from egide.common.text import _
from egide.connectors.base import Alert, Connector, RoadError
from egide.connectors.dispatch.receivers import Receiver
from egide.connectors.registry import declared
from egide.journal.now.outcomes import TAKEN, Outcome, outcomes
from egide.journal.now.signs import Beat, ChainTrouble, Last, Signs

# Before its name, of what `Signs.last` keeps of the last try by hand.
TRIED = "tried "
NOT_TAKEN = "not-taken"


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
