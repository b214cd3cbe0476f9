"""The gates: everything that must be so before a kit leaves the house, in one place and pure (decision 0014)."""

from collections.abc import Collection
from dataclasses import dataclass

from egide.protocol.enrolment import COMPANION, NATIVE, WEB

# Whose the phone is. Its kind it says itself at enrolment, signed, and nobody else does (safety rule 45).
LENT, OWN = "lent", "own"
MEANS = (LENT, OWN)
# What works with the screen off. A web page works only while it is open: it is a second way, never the only one. So is
# a phone that does not say what it is, or says something that nobody here knows.
WORKS_ALWAYS = frozenset({NATIVE, COMPANION})
FIRST_WAY, SECOND_WAY = "first", "second"

FILE, DECISION, AGREEMENT, ZONE, OFFICE, PHONE, ENROLLED, WAY, TEST, PRESSES = (
    "file",
    "decision",
    "agreement",
    "zone",
    "office",
    "phone",
    "enrolled",
    "way",
    "test",
    "presses",
)
GATES = (FILE, DECISION, AGREEMENT, ZONE, OFFICE, PHONE, ENROLLED, WAY, TEST, PRESSES)
# Who can add what is missing: the zone itself, the prosecutor's office, or the coordinator of the roll-out.
BY_ZONE, BY_OFFICE, BY_COORDINATOR = "zone", "office", "coordinator"
_MENDERS = {DECISION: BY_OFFICE, ZONE: BY_COORDINATOR, OFFICE: BY_COORDINATOR}

# Safety rule 17: presses must have got through under each of these.
SCREEN_OFF, POCKET, RESTART, NIGHT = "screen-off", "pocket", "restart", "night"
CONDITIONS = (SCREEN_OFF, POCKET, RESTART, NIGHT)
# All that a second way can ever show.
PAGE_OPEN = "page-open"
SECOND_CONDITIONS = (PAGE_OPEN,)
# How fresh a test must be when somebody says under which condition it was pressed, and how long a night's rest is.
FRESH_S = 15 * 60
NIGHT_S = 6 * 3600

# Safety rule 19: "clear" or "doubt" for each; what is not answered is a doubt.
QUESTIONS = ("payer", "code", "account", "set-up", "tracking", "family", "car")
CLEAR, DOUBT = "clear", "doubt"

# Safety rule 25.
PROVISIONAL_S = 72 * 3600
OLDEST_YES_S = 24 * 3600
PROVISIONAL_NEEDS = (ENROLLED, TEST)


@dataclass(frozen=True)
class GateFacts:
    """What the gates look at. Tuples hold the words of what is missing there, empty when nothing is.

    `client` is what the phone says of itself, "" when it says nothing.
    """

    file: tuple[str, ...] = ()
    decision: tuple[str, ...] = ()
    agreement: bool = False
    zone: tuple[str, ...] = ()
    office: tuple[str, ...] = ()
    means: str = LENT
    doubts: tuple[str, ...] = ()
    is_enrolled: bool = False
    is_paired: bool = False
    client: str = ""
    has_test: bool = False
    presses: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Gate:
    """One gate: what keeps it shut (nothing when it is open), and who can mend that."""

    name: str
    missing: tuple[str, ...]
    mender: str

    @property
    def is_open(self) -> bool:
        return not self.missing


@dataclass(frozen=True)
class Test:
    """A test alarm from the kit's phone that stands in the journal at `seq`, received at `at_us`."""

    seq: int
    at_us: int
    by_button: bool
    # Armed by an officer, as the phone says it; else by her code.
    by_officer: bool = False


@dataclass(frozen=True)
class Yes:
    """A duty magistrate's oral yes, as two officers sign for it. `second` is empty until the other has signed."""

    magistrate: str
    said_at_us: int
    first: str
    second: str = ""


def gates(facts: GateFacts) -> tuple[Gate, ...]:
    """All gates in the order in which a kit meets them."""
    return tuple(Gate(name, _missing(name, facts), _MENDERS.get(name, BY_ZONE)) for name in GATES)


def closed(facts: GateFacts) -> tuple[Gate, ...]:
    """The gates that are shut; a kit leaves only when there is none."""
    return tuple(gate for gate in gates(facts) if not gate.is_open)


def _missing(name: str, facts: GateFacts) -> tuple[str, ...]:
    match name:
        case "file":
            return facts.file
        case "decision":
            return facts.decision
        case "agreement":
            return () if facts.agreement else ("not-signed",)
        case "zone":
            return facts.zone
        case "office":
            return facts.office
        case "phone":
            return doubts_of(facts)
        case "enrolled":
            return () if facts.is_enrolled and facts.is_paired else _not_enrolled(facts)
        case "way":
            return _not_first_way(facts)
        case "test":
            return () if facts.has_test else ("no-test",)
        case _:
            return missing_presses(facts)


def _not_enrolled(facts: GateFacts) -> tuple[str, ...]:
    return ("not-paired",) if facts.is_enrolled else ("not-enrolled",)


def doubts_of(facts: GateFacts) -> tuple[str, ...]:
    """Why a phone of her own cannot be used (safety rule 19). A phone that the authority lends needs no questions."""
    return () if facts.means == LENT else facts.doubts


def way_of(client: str) -> str:
    """Which way to call for help an enrolled phone is, by what it says of itself (safety rule 45)."""
    return FIRST_WAY if client in WORKS_ALWAYS else SECOND_WAY


def _not_first_way(facts: GateFacts) -> tuple[str, ...]:
    if not facts.is_enrolled:
        return ("not-said",)
    if way_of(facts.client) == FIRST_WAY:
        return ()
    return ("web-page",) if facts.client == WEB else ("unknown-client",)


def conditions_of(way: str) -> tuple[str, ...]:
    """The conditions under which presses must get through; `way` is empty before a phone is enrolled."""
    return SECOND_CONDITIONS if way == SECOND_WAY else CONDITIONS


def missing_presses(facts: GateFacts) -> tuple[str, ...]:
    """The conditions of safety rule 17 under which no press got through yet."""
    way = way_of(facts.client) if facts.is_enrolled else ""
    return tuple(condition for condition in conditions_of(way) if condition not in facts.presses)


def doubts_in(answers: dict[str, str]) -> tuple[str, ...]:
    """The questions that were not answered with a clear "nobody else"."""
    return tuple(question for question in QUESTIONS if answers.get(question) != CLEAR)


def enrolment_fault(means: str, answers: dict[str, str], can_lend: bool) -> str:
    """Why no phone may enrol for this kit yet (safety rule 19); "" when one may.

    Asked before, not after: a phone that somebody else reads must not learn of the kit. With a doubt a phone is lent;
    where none lies in the cupboard her own may enrol, and the gate stays shut but for a duty magistrate's yes.
    """
    if means == LENT:
        return ""
    if any(not answers.get(question) for question in QUESTIONS):
        return "ask-first"
    return "in-doubt" if can_lend and doubts_in(answers) else ""


def test_for(
    condition: str, tests: Collection[Test], used: Collection[int], enrolled_at_us: int, now_us: int
) -> Test | None:
    """The test that proves a press under `condition` just now: the latest by the button, fresh, and not used before.

    After a night at rest nothing else may have come through (or been enrolled) in the hours before it.
    """
    ordered = sorted(tests, key=lambda test: test.seq)
    for index in range(len(ordered) - 1, -1, -1):
        test = ordered[index]
        if test.seq in used or not test.by_button or now_us - test.at_us > FRESH_S * 1_000_000:
            continue
        before_us = ordered[index - 1].at_us if index else enrolled_at_us
        if condition != NIGHT or test.at_us - before_us >= NIGHT_S * 1_000_000:
            return test
    return None


def provisional_faults(facts: GateFacts, has_minimal_file: bool, yes: Yes, now_us: int) -> tuple[str, ...]:
    """Why a kit may not even leave provisionally (safety rule 25); empty when it may.

    A named magistrate, said within the last day, a minimal file, a live test from this kit, two different people.
    """
    faults = []
    if not has_minimal_file:
        faults.append("minimal-file")
    if len(yes.magistrate.strip()) < 3:
        faults.append("magistrate")
    if not 0 <= now_us - yes.said_at_us <= OLDEST_YES_S * 1_000_000:
        faults.append("said-at")
    faults += [f"gate-{gate.name}" for gate in closed(facts) if gate.name in PROVISIONAL_NEEDS]
    if facts.is_enrolled and way_of(facts.client) == SECOND_WAY:
        faults.append("second-way-only")
    if not yes.second or yes.second == yes.first:
        faults.append("second-signature")
    return tuple(faults)
