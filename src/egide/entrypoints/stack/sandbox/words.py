"""The sentences of the console: what a call was, what became of it, and why it was refused."""

from egide.common.text import _
from egide.entrypoints.stack.sandbox import script
from egide.entrypoints.stack.sandbox.calls import Call, Step


def what(call: Call) -> str:
    """What was said, and by whom."""
    said = {
        script.PRESS: _("A phone sends a press."),
        script.MESSAGE: _("A phone says something of its own or of its alarm."),
        script.ENROLMENT: _("A phone enrols."),
        script.OPENING: _("A web page of a phone asks what opens it."),
        script.REPORT: _("A source that is no phone reports."),
        script.ALARM: _("Egide tells the dispatch system."),
        script.ANSWER: _("The dispatch system answers."),
        script.FETCH: _("The dispatch system fetches what is due."),
        script.TEXT: _("A gateway hands on a text message."),
        script.SENDING: _("Egide gives a text message to send."),
    }
    return said.get(call.road, _("A call that is no road of the sandbox."))


def outcome(call: Call) -> str:
    """What became of it, with the reason where it was refused."""
    if call.status is None:
        return _("Nobody answered.") if call.is_over else _("No answer yet.")
    if call.reason and not _is_unsigned(call):
        return why(call.reason)
    if call.status < 400:
        return _("Taken.")
    if call.road == script.SENDING:
        return _("Your gateway refused it: Egide tries five times in all.")
    if call.outwards:
        return _("Your system refused it: Egide tries again until it is taken or the alarm is over.")
    return _by_status(call)


def _is_unsigned(call: Call) -> bool:
    """Whether a gateway's signature was refused: the same word is said of a phone's."""
    return call.road == script.TEXT and call.status == 401


def _by_status(call: Call) -> str:
    by_status = {
        401: _(
            "No right signature of this system: sign id, time and body with the secret above, by a clock that agrees"
            " with the sandbox's within five minutes."
        ),
        404: _("Not an alarm that this system was told of, or nothing at this address."),
        405: _("This address takes another method."),
        422: _(
            "Nothing of this form can be answered: look at the type, and keep each text to one line of 60 signs."
        ),
        502: _("Nobody listens at the address that was named."),
        503: _("It cannot be noted now: try again."),
    }
    return by_status.get(call.status or 0, _("Refused with {status}.").format(status=call.status))


def why(reason: str) -> str:
    """A reason of intake as a sentence, with its word."""
    sentences = {
        "unknown-key": _(
            "Nobody knows a phone with this key, or another phone was enrolled for the kit since."
        ),
        "bad-signature": _("The signature is not that of the phone's key over these bytes."),
        "counter-used": _("This counter was used for another message: each message takes a higher one."),
        "not-a-press": _("This is a text of somebody and no press."),
        "unknown-press": _("It names a press that was not received."),
        "unknown-code": _(
            "There is no such code: it was used, is older than a quarter of an hour, or was mistyped."
        ),
        "bad-enrolment": _("This is no request to enrol: look at the fields and at the proof of the key."),
        "bad-opening": _("This is no request to open."),
        "bad-report": _("This is no report of the documented form."),
        "unknown-source": _("No such source is enrolled."),
        "unknown-service": _("The bearer's secret is that of no service."),
        "wrong-key": _("The frame was made with another key."),
        "old-counter": _(
            "The frame counts lower than one that was heard before: it was recorded, or the button reset."
        ),
        "expects-application-cose": _("The content type has to be application/cose."),
        "expects-application-json": _("The content type has to be application/json."),
        "too-large": _("It is longer than this address takes."),
        "too-many-messages": _(
            "This phone sends more than is taken at once: wait for the seconds of Retry-After."
        ),
        "too-many-enrolments": _("Too many codes were tried from this address: wait."),
        "too-many-codes": _("Too many codes were tried for this phone: wait."),
        "too-many-reports": _("This source reports more than is taken at once: wait."),
        "journal-unavailable": _("Nothing can be written now: send the same again."),
        "nobody-named": _("No address is named: the sandbox took it in the place of your system."),
        "no-such-address": _("There is nothing at this address."),
    }
    sentence = sentences.get(reason, _("The bytes are not of the documented form."))
    return f"{sentence} ({reason})"


def played(call: Call) -> str:
    """What the script did to it; "" where it did nothing."""
    return _("The script: “{line}”").format(line=call.fault) if call.fault else ""


def done(step: Step) -> str:
    """A step of the sandbox, and why it failed where it did."""
    if step.failed:
        return _("The sandbox could not do “{what}”: {why}").format(what=step.what, why=step.failed)
    return _("The sandbox did “{what}”.").format(what=step.what)
