"""What the builder reads of each event: these fields and no others, so that nothing else can enter a record."""

from datetime import date
from typing import ClassVar

import msgspec

from egide.alarm.table import TELLING


class Origin(msgspec.Struct, frozen=True):
    managing_zone: str


class FromPhone(msgspec.Struct, frozen=True):
    """Any message in an alarm; of those that do not open one only the duress code counts."""

    case: str
    trigger: int | None = None
    origin: Origin | None = None


class FromSource(msgspec.Struct, frozen=True):
    """A press of a device that is no phone: how it was raised is not known of it."""

    case: str
    origin: Origin | None = None
    trigger: ClassVar[int | None] = None


class RecordsKept(msgspec.Struct, frozen=True):
    """Rows of a case that was erased: finished already."""

    tables: dict[str, str]


class Route(msgspec.Struct, frozen=True):
    zone: str
    centre: str


class AlarmRouted(msgspec.Struct, frozen=True):
    route: Route


class ShownOnBoard(msgspec.Struct, frozen=True):
    pass


class AlarmAcknowledged(msgspec.Struct, frozen=True):
    centre: str = ""


class HandoverAccepted(msgspec.Struct, frozen=True):
    centre: str


class ZoneConfirmed(msgspec.Struct, frozen=True):
    zone: str


class StepReported(msgspec.Struct, frozen=True):
    """A step of a team, reported `age_s` seconds after it was taken."""

    age_s: int = 0


class Corrected(msgspec.Struct, frozen=True):
    """A step that was said wrong, with the moment that counts; 0 when it was not taken."""

    step: str
    was_at_us: int


class Undone(msgspec.Struct, frozen=True):
    """What somebody took back at once: the kind of that event."""

    undone: str


class HelpNeeded(msgspec.Struct, frozen=True):
    pass


class Closed(msgspec.Struct, frozen=True):
    outcome: str


class Reported(msgspec.Struct, frozen=True):
    """`again`: in the place of the one before."""

    outcome: str
    again: bool = False


class FileStarted(msgspec.Struct, frozen=True):
    case: str
    managing_zone: str


class FileStep(msgspec.Struct, frozen=True):
    case: str


class FileChanged(msgspec.Struct, frozen=True):
    case: str
    part: str
    version: int


class GrantDecided(msgspec.Struct, frozen=True):
    case: str
    decision: str
    review_on: date | None = None


class GrantReviewed(msgspec.Struct, frozen=True):
    case: str
    outcome: str
    review_on: date | None = None


class LifeEventNoted(msgspec.Struct, frozen=True):
    case: str
    due: date


class FileMoved(msgspec.Struct, frozen=True):
    case: str
    to_zone: str


class DeathNoted(msgspec.Struct, frozen=True):
    case: str
    death: str
    who: str
    on: date
    violence: str
    in_alarm: bool = False
    due: date | None = None


class DeathTakenBack(msgspec.Struct, frozen=True):
    case: str
    death: str


class KitIssued(msgspec.Struct, frozen=True):
    kit: str
    case: str
    managing_zone: str


class KitStep(msgspec.Struct, frozen=True):
    kit: str


class KitMoved(msgspec.Struct, frozen=True):
    kit: str
    managing_zone: str


class KitTroubleTold(msgspec.Struct, frozen=True):
    """Somebody was notified that a kit is silent, or of another trouble, since a moment."""

    kit: str
    what: str
    since_us: int


class KitTroubleSolved(msgspec.Struct, frozen=True):
    kit: str
    what: str


class ItemMoved(msgspec.Struct, frozen=True):
    item: str
    now: str
    zone: str = ""
    what: str = ""


class TrainingRecorded(msgspec.Struct, frozen=True):
    course: str
    on: date
    persons: tuple[str, ...]
    units: tuple[str, ...] = ()


class SignedOff(msgspec.Struct, frozen=True):
    subject: str
    on: date


class SurveyInvited(msgspec.Struct, frozen=True):
    questionnaire: str
    version: int
    role: str
    zone: str = ""


class SurveyAnswered(msgspec.Struct, frozen=True):
    questionnaire: str
    version: int
    role: str
    answers: dict[str, str]
    zone: str = ""


NEEDS: dict[str, type[msgspec.Struct]] = {
    **dict.fromkeys(("PressReceived", "PressedAgain", "PressConflicted", "CancelReceived"), FromPhone),
    "SourcePressed": FromSource,
    "AlarmRouted": AlarmRouted,
    "ShownOnBoard": ShownOnBoard,
    "AlarmAcknowledged": AlarmAcknowledged,
    "HandoverAccepted": HandoverAccepted,
    "ZoneConfirmed": ZoneConfirmed,
    **{kind: StepReported if step else Corrected for kind, step in TELLING.items()},
    "StepUndone": Undone,
    "HelpNeeded": HelpNeeded,
    "TeamReported": Reported,
    "AlarmClosed": Closed,
    "FileStarted": FileStarted,
    "FileRequested": FileStep,
    "FileChanged": FileChanged,
    "GrantDecided": GrantDecided,
    "GrantReviewed": GrantReviewed,
    "LifeEventNoted": LifeEventNoted,
    "GrantWithdrawn": FileStep,
    "FileEnded": FileStep,
    "FileMoved": FileMoved,
    "DeathNoted": DeathNoted,
    "DeathTakenBack": DeathTakenBack,
    "KitIssued": KitIssued,
    "KitHandedOver": KitStep,
    "KitOpenedProvisionally": KitStep,
    "KitMoved": KitMoved,
    "KitReturned": KitStep,
    "KitLost": KitStep,
    "KitTroubleTold": KitTroubleTold,
    "KitTroubleSolved": KitTroubleSolved,
    "ItemMoved": ItemMoved,
    "TrainingRecorded": TrainingRecorded,
    "SignedOff": SignedOff,
    "SignOffWithdrawn": SignedOff,
    "SurveyInvited": SurveyInvited,
    "SurveyAnswered": SurveyAnswered,
    "RecordsKept": RecordsKept,
}
# What can open an alarm beside a press: a message that names a press which has not come (yet).
OPENERS = ("PositionReceived", "TextReceived", "AudioReceived", "NoticeReceived", "CancelReceived")
