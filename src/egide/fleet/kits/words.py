"""Words of kits and stock, in the reader's language: what keeps a gate shut, and what to do about it."""

from django.conf import settings
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from egide.fleet.kits import rules
from egide.fleet.models import KitState
from egide.fleet.stock import rules as stock
from egide.protocol.enrolment import COMPANION, NATIVE, WEB
from egide.rollout import rules as rollout_rules
from egide.rollout.words import word_text

ITEM_KINDS = {stock.BUTTON: _("Button"), stock.PHONE: _("Phone")}
ITEM_STATES = {
    stock.STOCK: _("central stock"),
    stock.ZONE: _("in the zone’s cupboard"),
    stock.PREPARED: _("made ready for a file"),
    stock.ISSUED: _("handed out"),
    stock.REPAIR: _("in repair"),
    stock.LOST: _("lost"),
    stock.RETIRED: _("retired"),
}
MOVES = {
    stock.STOCK: _("Back to the central stock"),
    stock.ZONE: _("Allocate to a zone"),
    stock.REPAIR: _("To repair"),
    stock.LOST: _("Lost"),
    stock.RETIRED: _("Retire for good"),
}
KIT_STATES = {
    KitState.PREPARED: _("being made ready"),
    KitState.PROVISIONAL: _("handed out provisionally"),
    KitState.ISSUED: _("handed out"),
    KitState.RETURNED: _("returned"),
    KitState.LOST: _("lost"),
    KitState.UNDONE: _("not handed out"),
}
MEANS = {
    rules.LENT: _("A phone of the authority, lent"),
    rules.OWN: _("Her own phone"),
}
GATES = {
    rules.FILE: _("The file is complete"),
    rules.DECISION: _("The decision stands"),
    rules.AGREEMENT: _("The agreement is signed"),
    rules.ZONE: _("The zone takes part"),
    rules.OFFICE: _("The prosecutor’s office takes part"),
    rules.PHONE: _("The phone is nobody else’s"),
    rules.ENROLLED: _("The phone is enrolled and the button paired"),
    rules.WAY: _("The phone says that it works with the screen off"),
    rules.TEST: _("A test alarm from this kit has come through"),
    rules.PRESSES: _("Presses got through under every condition"),
}
MENDERS = {
    rules.BY_ZONE: _("You or a colleague of the zone"),
    rules.BY_OFFICE: _("The prosecutor’s office"),
    rules.BY_COORDINATOR: _("The national coordination, with chief and prosecutor"),
}
# What the platform of the phone refuses it, as it said last.
NOT_ALLOWED = {
    "position": _("The phone gives no position yet: it is not allowed there"),
    "microphone": _("Listening in was chosen, but the microphone is not allowed on the phone"),
    "radio": _("The phone hears no button: Bluetooth is off, or nearby devices are not allowed there"),
    "saver": _("The phone’s battery saver is on for the app: after hours at rest a press may go out late"),
    "texts": _("Without internet no alarm gets through: text messages are not allowed on the phone"),
}
CONDITIONS = {
    rules.SCREEN_OFF: _("with the screen off"),
    rules.POCKET: _("from a pocket or bag, the phone away from the button"),
    rules.RESTART: _("after the phone was restarted"),
    rules.NIGHT: _("after a night at rest"),
    rules.PAGE_OPEN: _("with the page open on the screen"),
}
# What the phone said at enrolment that it is, signed by its key.
CLIENTS = {
    WEB: _("It says that it is a web page (%(version)s): it works only while it is open."),
    NATIVE: _("It says that it is the app (%(version)s), which works with the screen off."),
    COMPANION: _("It says that it is the companion program (%(version)s), which works with the screen off."),
}
CLIENT_UNKNOWN = _("It does not say what it is, so it counts as a web page.")
SECOND_WAY = _("A second way only")
# What she must know before a web page leaves, to be read out to her.
FOR_HER = _(
    "This page calls the police only while it is open on the screen. With the screen off, the phone in your pocket or"
    " the page closed, nobody hears a press. Then dial 112. We go on looking for a phone with the app for you."
)
# Asked so that "nobody else" is the answer that opens the gate.
QUESTIONS = {
    "payer": _("Who pays for the phone and its subscription, and can see the bills?"),
    "code": _("Who else knows the code of the phone, or has a finger or face in it?"),
    "account": _("Who else uses the account behind it (Google, Apple), or could sign in there?"),
    "set-up": _("Who set the phone up, and was it out of her hands since?"),
    "tracking": _("Is there an app or a setting that she does not know, or a tracker found before?"),
    "family": _("Is there a child’s tablet, a watch or family sharing that shows where it is?"),
    "car": _("Is it paired with a car or loudspeaker that somebody else uses?"),
}
FILE_MISSING = {
    "name": _("name"),
    "language": _("language"),
    "safe-contact": _("a safe way to reach her"),
    "consent": _("her consent"),
    "home": _("home, or the zone that she chose"),
    "perpetrator": _("who threatens her"),
    "conditions": _("the conditions"),
    "analysis": _("the risk analysis"),
}
DECISION_MISSING = {
    "not-decided": _("no decision yet"),
    "refused": _("refused"),
    "more-asked": _("the prosecutor asked for more"),
    "withdrawn": _("withdrawn"),
    "ended": _("the grant has ended"),
}
OTHER_MISSING = {
    "not-signed": _("not signed yet"),
    "not-asked": _("the questions have not been asked"),
    "not-enrolled": _("no phone is enrolled"),
    "not-paired": _("the button is not paired with the phone"),
    "no-test": _("no test by the button has come in"),
    "not-said": _("no phone has said yet what it is"),
    "web-page": _(
        "a web page works only while it is open: it is a second way and never the only one. Lend a phone."
    ),
    "unknown-client": _(
        "it does not say what it is, so it counts as a web page: a second way, never the only one."
    ),
}
SECONDS, MINUTES = _("seconds"), _("minutes")
SETTINGS = {
    "hold_ms": _("Hold the screen for"),
    "button_hold_ms": _("Hold the button for"),
    "position_interval_s": _("A position in an alarm every"),
    "heartbeat_interval_s": _("A sign of life every"),
    "tail_s": _("Positions after the last press for"),
}
_HOLD_BOUNDS = _("From 1 to 5 seconds: shorter happens in a pocket, longer cannot be held in need.")
REFUSALS = {
    "bounds-hold_ms": _HOLD_BOUNDS,
    "bounds-button_hold_ms": _HOLD_BOUNDS,
    "bounds-position_interval_s": _(
        "From 5 to 60 seconds: more often empties the phone in a night, less often loses her by a street."
    ),
    "bounds-heartbeat_interval_s": _(
        "From 5 to 15 minutes: more often empties the phone, less often it could not be missed in time."
    ),
    "bounds-tail_s": _(
        "From 10 to 240 minutes: a shorter one ends before a team has left, a longer one follows somebody who is safe."
    ),
    "not-a-number": _("Give a number."),
    "no-phone": _("Choose a phone to lend, or say that she uses her own."),
    "prepared-already": _("A kit is being made ready for this file already."),
    "not-in-zone": _("It no longer lies in this zone’s cupboard. Choose another."),
    "no-item": _("Choose one that lies in this zone’s cupboard."),
    "minimal-file": _("The file needs at least a name, and a home or the zone that she chose."),
    "not-possible": _("This is not possible from here."),
    "ask-first": _("First ask whose phone it is and keep every answer. Only then is there a code."),
    "in-doubt": _(
        "There is a doubt about her phone: lend her one with the authority’s SIM, then enrol that one."
    ),
    "not-taken-in": _(
        "The code did not get through: no phone could use it. Try again; if that fails too, call the administrator."
    ),
    "no-fresh-test": _(
        "No new test by this button came in during the last 15 minutes. Arm a test, press, try again."
    ),
    "test-stands": _(
        "A test that an officer armed may still be on the phone: take it back, wait two minutes, then hand the kit out."
    ),
    "no-night": _("No test came in after six hours without any. Let the kit rest for a night, then test."),
    "moved-meanwhile": _("Somebody else was faster. Look at what holds now."),
    "with-kit": _("It belongs to a kit: take the kit back first."),
    "no-such-zone": _("There is no such zone."),
    "there-already": _("It is there already."),
    "number": _("Say how many: a number from 1 to 500."),
    "too-few": _("The central stock does not hold that many."),
    "reason": _("Say why."),
    "too-long": _("At most 200 letters."),
    "tell-her": _("Read the words to her first, and say here that she knows another way to call for help."),
    "said-at": _("Say when: a day and a time within the last 24 hours."),
}
PROVISIONAL_FAULTS = {
    "minimal-file": REFUSALS["minimal-file"],
    "magistrate": _("Give the name of the magistrate who said yes."),
    "said-at": REFUSALS["said-at"],
    "gate-enrolled": _("The phone must be enrolled and the button paired."),
    "gate-test": _("A live test from this kit must have come through."),
    "second-way-only": OTHER_MISSING["web-page"],
    "second-signature": _("The second signature must be somebody else’s."),
}


def client_words(client: str, version: str) -> str:
    """What an enrolled phone says of itself, as a sentence."""
    return str(CLIENTS.get(client, CLIENT_UNKNOWN)) % {"version": version}


def for_her() -> list[tuple[str, str]]:
    """What she must know of a second way, by language, that of the page first."""
    codes = sorted((code for code, _name in settings.LANGUAGES), key=lambda code: code != get_language())
    found = []
    for code in codes:
        with override(code):
            found.append((code, str(FOR_HER)))
    return found


def missing_words(gate: rules.Gate) -> list[str]:
    """What keeps a gate shut, as short phrases."""
    return [str(_word(gate.name, what)) for what in gate.missing]


def _word(gate: str, what: str) -> object:
    if gate == rules.ZONE:
        return word_text(rollout_rules.ZONE, what)
    if gate == rules.OFFICE:
        return word_text(rollout_rules.OFFICE, what)
    tables = {
        rules.FILE: FILE_MISSING,
        rules.DECISION: DECISION_MISSING,
        rules.PRESSES: CONDITIONS | OTHER_MISSING,
        rules.PHONE: QUESTIONS | OTHER_MISSING,
    }
    return tables.get(gate, OTHER_MISSING).get(what, what)
