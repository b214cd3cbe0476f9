"""How the protected person is rung back: what must never be used before the number, and the word that was agreed."""

from dataclasses import dataclass

from egide.alarm.state import AlarmState
from egide.boards.service import Briefing
from egide.common.telephones import dial_of, numbers_in

TO_WARN = "to-warn"


@dataclass(frozen=True)
class ToWarn:
    """Somebody to warn, and how."""

    name: str
    relation: str
    contact: str


@dataclass(frozen=True)
class CallBack:
    """What is read before somebody rings, in the order of reading. Empty where the file says nothing.

    `is_never_her_number`: the number is among what must never be used, and is no link. `is_coerced`: under duress
    her phone is to stay silent (rule 8), and ringing is not the first thing to do.
    """

    never: str
    silence: str
    safe_way: str
    when: str
    number: str
    is_never_her_number: bool
    word: str
    languages: str
    interpreter: str
    to_warn: tuple[ToWarn, ...]
    is_coerced: bool


def call_back_of(briefing: Briefing, state: AlarmState) -> CallBack:
    """The call-back of an open alarm, from its file."""
    person = briefing.file.beneficiary
    return CallBack(
        never=person.unsafe_contact,
        silence=person.silence,
        safe_way=person.safe_contact,
        when=person.safe_when,
        number=person.phone,
        is_never_her_number=_is_among(person.phone, person.unsafe_contact),
        word=person.agreed_word,
        languages=person.languages,
        interpreter=person.interpreter,
        to_warn=tuple(
            ToWarn(one.name, one.relation, one.contact) for one in briefing.file.people if one.role == TO_WARN
        ),
        is_coerced=state.press.duress,
    )


def _is_among(number: str, text: str) -> bool:
    """Whether the text names this number, with the country before it or without."""
    mine = dial_of(number)
    return bool(mine) and any(_national(one) == _national(mine) for one in numbers_in(text))


def _national(number: str) -> str:
    # A number of this country keeps eight digits without its 0 or +32.
    return number[-8:]
