"""By short message to the people on call, through the gateway of the settings: where e-mail sleeps, a phone rings."""

import hashlib
import re
import unicodedata
from collections.abc import Callable

from egide.connectors.base import Alert, RoadError
from egide.connectors.texting import TextSender

LONGEST = 160
MARK_SIGNS = 6
_NUMBER = re.compile(r"\+?[0-9]{6,15}", re.ASCII)
# One septet each (3GPP TS 23.038, section 6.2.1); what is written in two (brackets, the euro sign) is left out.
GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_INSTEAD = str.maketrans(
    {"’": "'", "‘": "'", "«": '"', "»": '"', "“": '"', "”": '"', "–": "-", "…": ".", "œ": "oe"}
)


class SmsRoad:
    """`sender` reads settings and secret anew for each alert: a secret that is missing today is a road that fails, and
    no reason for `watch` not to start. Raises ValueError naming the setting that is wrong."""

    name = "SMS"

    def __init__(self, sender: Callable[[], TextSender], numbers: tuple[str, ...]) -> None:
        # By their place: this goes into logs, and is somebody's number but for a sign.
        wrong = [str(place) for place, number in enumerate(numbers, 1) if not _NUMBER.fullmatch(number)]
        if wrong:
            raise ValueError(
                f"EGIDE_ALERT_SMS: number {', '.join(wrong)} of the list is none: give digits, with + and the country"
            )
        self._sender = sender
        self._numbers = numbers
        # Of the alert under way, which were told: nobody is rung again because somebody else's text was not taken.
        self._alert, self._told = "", set[str]()

    def send(self, alert: Alert) -> None:
        """One text to each number. Raises RoadError while one of them was not taken."""
        if alert.id != self._alert:
            self._alert, self._told = alert.id, set()
        text, failed, last = text_of(alert), [], None
        for place, number in enumerate(self._numbers, start=1):
            if number in self._told:
                continue
            try:
                self._sender().send(number, text, f"{alert.id}-{place}")
            except (OSError, ValueError) as error:
                failed.append(f"number {place}: {error}")
                last = error
            else:
                self._told.add(number)
        if failed:
            raise RoadError(f"SMS: {'; '.join(failed)}") from last

    def check(self) -> None:
        """Raises RoadError."""
        try:
            self._sender().check()
        except (OSError, ValueError) as error:
            raise RoadError(f"SMS: {error}") from error


def text_of(alert: Alert) -> str:
    """One message: what it is, then as much of what to do as fits, then a mark that is the same when it comes again."""
    words = alert.text if alert.text.startswith(alert.subject) else f"{alert.subject}. {alert.text}"
    mark = f" #{hashlib.sha256(alert.id.encode()).hexdigest()[:MARK_SIGNS]}"
    return _cut(_in_gsm7(" ".join(words.split())), LONGEST - len(mark)) + mark


def _in_gsm7(text: str) -> str:
    """In signs that need no second alphabet, which would halve what fits: accents that it lacks go, never letters."""
    return "".join(_sign(sign) for sign in text.translate(_INSTEAD))


def _sign(sign: str) -> str:
    if sign in GSM7:
        return sign
    plain = unicodedata.normalize("NFKD", sign)[0]
    return plain if plain in GSM7 else "?"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[:most].rpartition(" ")[0]
