"""What became of an answer by SMS, noted beside the press that it answers."""

from egide.alarm.events.sms import SmsAnswerTried
from egide.intake import lookup
from egide.intake.passing import AnswerTried
from egide.journal.queries.intake import place_of
from egide.journal.service import Entry, Journal


def do_note_answer(journal: Journal, tried: AnswerTried) -> bool:
    """Note one try on the alarm of the press; False when the press is no message of this phone's kit in an alarm.

    Raises KeyErased, JournalError.
    """
    with journal.reading() as reader:
        device = lookup.find_device(reader, tried.kid)
        stream, case, _at_us = place_of(reader, tried.press)
    if device is None or device.case != case or not stream.startswith("alarm:"):
        return False
    event = SmsAnswerTried(device=device.device, press=tried.press, attempt=tried.attempt, why=tried.why)
    journal.append([Entry(stream=stream, event=event, case=case)])
    return True
