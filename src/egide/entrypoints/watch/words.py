"""What leaves the house by the second road: which part of the chain, and what to do. Nothing about people."""

from egide.common.text import _
from egide.connectors.base import Alert
from egide.entrypoints.watch import rules
from egide.entrypoints.watch.rules import SHOWN_WITHIN_S, life_of
from egide.journal.chain import Unshown
from egide.journal.now.signs import ChainTrouble
from egide.journal.proof import checkpoints


def _what(kind: str) -> str:
    """What does not work, in a few words."""
    return {
        rules.INTAKE: _("Alarms may not be received"),
        rules.WORKER: _("Alarms are not given to a centre"),
        rules.LADDER: _("Deadlines of alarms are not kept"),
        rules.OUTBOX: _("New kits and changes do not reach the alarms"),
        rules.SUPERVISION: _("Nobody watches over the kits"),
        rules.LIVE: _("Boards hear nothing of new alarms"),
        rules.WEB: _("Boards cannot be opened"),
        rules.BOARDS: _("No board is open"),
        rules.SMS: _("Presses by SMS may not be received"),
        rules.SMS_HALF: _("Half of a press came by SMS, and it does not say whose"),
        rules.MQTT: _("Presses of buttons over a broker may not be received"),
        rules.DC09: _("Presses of alarm devices may not be received"),
        rules.CAD: _("A dispatch system takes no alarms from here"),
        rules.KEPT: _("Alarms are kept on a machine and have not come into the system"),
        rules.LEADERS: _("More than one machine of the database takes writes"),
        rules.CERTIFICATE: _("A certificate ends in a few days, or is refused already"),
        rules.ROAD: _("A road that reports troubles outside accepts nothing"),
        checkpoints.JOURNAL: _("The journal is not what it was: events were removed or replaced"),
        checkpoints.COPIES: _("Checkpoints of the journal do not reach the second place"),
        checkpoints.SIGNING: _("No checkpoint of the journal can be signed"),
    }[kind]


def _to_do(kind: str) -> str:
    """What the reader does first."""
    if kind == rules.BOARDS:
        return _("Call the dispatch centres: somebody must sign in at a board now.")
    if kind == rules.SMS:
        return _("Tell the administrator. Alarms over the internet get through.")
    if kind in (rules.MQTT, rules.DC09):
        return _("Tell the administrator. Alarms of phones get through.")
    if kind == rules.SMS_HALF:
        return _(
            "Ask the operator of the SMS gateway now which number sent it: the name of the message is in the log."
        )
    if kind == rules.OUTBOX:
        return _("Tell the administrator. Alarms of kits that are known already get through.")
    if kind == rules.CAD:
        return _("Tell those who run it, and the administrator. Alarms reach the boards as always.")
    if kind == rules.LEADERS:
        return _(
            "What one of them confirms the others never hear of: alarms may be missing on boards. Tell the dispatch"
            " centres to use telephone and radio, and call the administrator."
        )
    if kind == rules.CERTIFICATE:
        return _(
            "Tell the administrator to renew it today. Alarms get through while it holds; afterwards phones and boards"
            " refuse to speak to this name."
        )
    if kind == checkpoints.JOURNAL:
        return _("Call the administrator and whoever keeps the copies of the checkpoints. Change nothing.")
    if kind in (checkpoints.COPIES, checkpoints.SIGNING, rules.SUPERVISION, rules.ROAD):
        return _("Tell the administrator. Alarms get through.")
    return _("Tell the dispatch centres to use telephone and radio, and call the administrator.")


def broken(trouble: ChainTrouble) -> Alert:
    """A part of the chain does not work."""
    what, where = _what(trouble.kind), f"{trouble.part} ({trouble.why})"
    text = _("{what}.\n{to_do}\nPart of the system: {where}.").format(
        what=what, to_do=_to_do(trouble.kind), where=where
    )
    return Alert(_id(trouble), what, text)


def mended(trouble: ChainTrouble) -> Alert:
    """It works again."""
    what = _what(trouble.kind)
    text = _("This is over: {what}.\nThe part of the system works again: {where}.").format(
        what=what, where=trouble.part
    )
    return Alert(f"{_id(trouble)}-mended", _("Over: {what}").format(what=what), text)


def on_no_board(unshown: Unshown) -> Alert:
    """An alarm that no board shows: its number and centre."""
    centre = unshown.centres or _("no centre yet")
    subject = _("Alarm on no board: {centre}").format(centre=centre)
    text = _(
        "Alarm {alarm} was received and no board has shown it within {seconds} seconds.\n"
        "Go to the desk now, or call the dispatch centre: {centre}."
    ).format(alarm=unshown.alarm, seconds=round(SHOWN_WITHIN_S), centre=centre)
    return Alert(life_of(unshown), subject, text)


def _id(trouble: ChainTrouble) -> str:
    """The same for each message about the same trouble; fit for the Message-ID of an e-mail."""
    return f"{trouble.part.replace(':', '-')}-{trouble.since_us}"
