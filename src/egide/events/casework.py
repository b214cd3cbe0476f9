"""What the files tell: every step in the life of a file, without a word of what stands in it."""

from datetime import date

from egide.events.base import Event


class FileStarted(Event, frozen=True):
    """A zone opened a file."""

    case: str
    user: str
    managing_zone: str


class FileChanged(Event, frozen=True):
    """A part of a file was written: `version` is the one that holds now, 0 when the row was taken out."""

    case: str
    user: str
    part: str
    row: str
    version: int


class PaperMarkedForTeam(Event, frozen=True):
    """An officer marked an attachment of the file as to be handed to the teams that are sent.

    `addresses` is of how many non-disclosed addresses they said that the paper does not tell them.
    """

    case: str
    user: str
    paper: str
    addresses: int = 0


class PaperUnmarkedForTeam(Event, frozen=True):
    """An officer took that back: no team is handed the paper any more."""

    case: str
    user: str
    paper: str


class FindingAnswered(Event, frozen=True):
    """The zone looked at the facts of an alarm: `taken` into the file, or left out of it."""

    case: str
    user: str
    alarm: str
    taken: bool


class SupportTold(Event, frozen=True):
    """A support worker told the zone something: `what` is "review", "trouble" or "call-back"."""

    case: str
    user: str
    what: str


class SupportAnswered(Event, frozen=True):
    """Somebody of the zone has seen to it."""

    case: str
    user: str
    what: str


class FileRequested(Event, frozen=True):
    """The zone asked the prosecutor's office for an alarm."""

    case: str
    user: str


class RiskAnalysed(Event, frozen=True):
    """The risk analysis was written. Danger and urgency are answers of people."""

    case: str
    user: str
    questionnaire: str
    danger: bool
    urgent: bool


class RiskRaised(Event, frozen=True):
    """An officer raised danger or urgency."""

    case: str
    user: str
    danger: bool
    urgent: bool


class ConsultationHeld(Event, frozen=True):
    """Police and prosecutor looked at the file together."""

    case: str
    user: str
    on: date


class GrantDecided(Event, frozen=True):
    """The prosecutor decided: "granted", "refused" or "more-asked"."""

    case: str
    user: str
    decision: str
    review_on: date | None = None


class AnswerGiven(Event, frozen=True):
    """The zone answered what the prosecutor had asked for."""

    case: str
    user: str


class DocumentMade(Event, frozen=True):
    """A document was made from the file; `sha256` (hexadecimal) is the hash of the PDF."""

    case: str
    user: str
    document: str
    language: str
    sha256: str


class AgreementSigned(Event, frozen=True):
    """The signed agreement came back; `sha256` (hexadecimal) is the hash of the scan."""

    case: str
    user: str
    sha256: str


class LifeEventNoted(Event, frozen=True):
    """Something in life calls for a review by `due`: a release, the end of a ban, a hearing, custody."""

    case: str
    user: str
    what: str
    due: date


class ReviewProposed(Event, frozen=True):
    """The zone gave its part of a review."""

    case: str
    user: str
    proposal: str


class GrantReviewed(Event, frozen=True):
    """The prosecutor's part of a review: "extended" or "ending"."""

    case: str
    user: str
    outcome: str
    review_on: date | None = None


class GrantEndAnnounced(Event, frozen=True):
    """The end was announced; until `grace_until` the kit still gets through as before."""

    case: str
    user: str
    ends_on: date
    grace_until: date


class GrantWithdrawn(Event, frozen=True):
    """The prosecutor withdrew the grant."""

    case: str
    user: str


class FileEnded(Event, frozen=True):
    """The file is closed."""

    case: str
    user: str


class DeathNoted(Event, frozen=True):
    """Somebody died: "protected" (that closes the file), "child", "relative" or "perpetrator", on a day.

    `death` is the entry: a later event with the same one says what is known by then. `violence` by the perpetrator is
    "known", "suspected", "excluded", "unknown" (not known yet) or, of the perpetrator's own death, "not-asked".
    `in_alarm`: an alarm was closed with it. `due`: a review is due by then.
    """

    case: str
    user: str
    death: str
    who: str
    on: date
    violence: str
    in_alarm: bool = False
    due: date | None = None


class DeathTakenBack(Event, frozen=True):
    """The entry was a mistake."""

    case: str
    user: str
    death: str


class FileMoved(Event, frozen=True):
    """Another zone manages the file."""

    case: str
    user: str
    from_zone: str
    to_zone: str


class ReadersBarred(Event, frozen=True):
    """The list of those who must never see the file was changed; `count` is how many stand on it now."""

    case: str
    user: str
    count: int


class FileShared(Event, frozen=True):
    """The person lets a support worker see these parts of the file; `reader` is the account."""

    case: str
    user: str
    reader: str
    parts: tuple[str, ...]


class FileUnshared(Event, frozen=True):
    """The person took that back."""

    case: str
    user: str
    reader: str


class FileExported(Event, frozen=True):
    """Somebody took a person's data out as one file."""

    case: str
    user: str
    sha256: str
