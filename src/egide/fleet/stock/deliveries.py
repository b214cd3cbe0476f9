"""The delivery file: kind, serial and model, and nothing that opens anything (safety rule 22)."""

import re
from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from egide.fleet.models import Item
from egide.fleet.stock import rules
from egide.fleet.stock.stock import Delivered, do_deliver
from egide.imports.checks import check_length
from egide.imports.reading import CsvLine, Fault
from egide.imports.service import Importer

COLUMNS = ("kind", "serial", "model")
OPTIONAL = ("sim",)
_SERIAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{3,39}")
_SIM = re.compile(r"[0-9]{18,22}")
_KEY_WORDS = (
    "key",
    "clé",
    "cle",
    "sleutel",
    "schlüssel",
    "schluessel",
    "secret",
    "geheim",
    "pin",
    "puk",
    "token",
)
# 128 bits as hexadecimal or base64: what a key looks like when a column says otherwise.
_KEY_LIKE = re.compile(r"(?:[0-9A-Fa-f]{2}[ :-]?){16,}|[A-Za-z0-9+/_-]{22,}={0,2}")


def _why_not(column: str) -> str:
    """Why a column that is not known refuses the file, where its name tells of keys."""
    return _key_text() if any(word in re.split(r"[^a-zéü]+", column) for word in _KEY_WORDS) else ""


def _key_text() -> str:
    return _(
        "This column carries keys or codes. The file is refused: keys are made here at issue, and one that was sent in"
        " a file counts as known to others. Ask the supplier for a file without them."
    )


def _faults(lines: Sequence[CsvLine]) -> Iterator[Fault]:
    serials = [line["serial"] for line in lines]
    known = set(Item.objects.filter(serial__in=serials).values_list("serial", flat=True))
    for line in lines:
        yield from _line_faults(line, known)


def _line_faults(line: CsvLine, known: set[str]) -> Iterator[Fault]:
    for column in (*COLUMNS, *OPTIONAL):
        if column != "sim" and _KEY_LIKE.fullmatch(line[column]):
            yield line.fault(column, _key_text())
    kind = line["kind"].lower()
    if kind not in rules.KINDS:
        yield line.fault("kind", _("“%(value)s” is neither “button” nor “phone”.") % {"value": line["kind"]})
    if kind == rules.PHONE and not rules.is_imei(line["serial"]):
        yield line.fault("serial", _("This is not an IMEI: 15 digits, the last one a check digit."))
    elif not _SERIAL.fullmatch(line["serial"]):
        yield line.fault("serial", _("A serial has 4 to 40 letters, digits, dots, dashes."))
    if line["serial"] in known:
        yield line.fault("serial", _("This serial is in the stock already."))
    yield from check_length(line, "model", 60)
    if line["sim"] and (kind != rules.PHONE or not _SIM.fullmatch(line["sim"])):
        yield line.fault("sim", _("A SIM number has 18 to 22 digits, and belongs to a phone."))


def _verbs(lines: Sequence[CsvLine]) -> Iterator[str]:
    return ("new" for _line in lines)


def _do(lines: Sequence[CsvLine], by: str) -> int:
    delivered = [
        Delivered(line["kind"].lower(), line["serial"], line["model"], line["sim"]) for line in lines
    ]
    return len(do_deliver(delivered, by))


DELIVERIES = Importer(
    "deliveries", COLUMNS, _faults, _verbs, _do, optional=OPTIONAL, unique=("serial",), why_not=_why_not
)
