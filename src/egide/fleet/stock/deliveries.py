"""The delivery file: kind, serial and model, and nothing that opens anything (safety rule 22)."""

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from egide.fleet.models import Item
from egide.fleet.stock import rules
from egide.fleet.stock.stock import Delivered, do_deliver
from egide.rollout.importing.table_file import CsvLine, Fault, Table, read_table, repeated
from egide.rollout.service import Change, Importer, Plan

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


def _read(data: bytes) -> Table:
    table = read_table(data, COLUMNS, OPTIONAL)
    table.faults = [_key_fault(fault) if _names_key(fault) else fault for fault in table.faults]
    table.faults += repeated(table.lines, "serial")
    return table


def _names_key(fault: Fault) -> bool:
    return fault.line == 1 and any(word in re.split(r"[^a-zéü]+", fault.column) for word in _KEY_WORDS)


def _key_fault(fault: Fault) -> Fault:
    text = _(
        "This column carries keys or codes. The file is refused: keys are made here at issue, and one that was sent in"
        " a file counts as known to others. Ask the supplier for a file without them."
    )
    return Fault(fault.line, fault.column, text)


def _plan(table: Table) -> Plan:
    plan = Plan(headings=COLUMNS + OPTIONAL)
    serials = [line["serial"] for line in table.lines]
    known = set(Item.objects.filter(serial__in=serials).values_list("serial", flat=True))
    for line in table.lines:
        plan.faults += _faults(line, known)
        plan.changes.append(Change("new", tuple(line[column] for column in plan.headings)))
    return plan


def _faults(line: CsvLine, known: set[str]) -> Iterator[Fault]:
    for column in (*COLUMNS, *OPTIONAL):
        if column != "sim" and _KEY_LIKE.fullmatch(line[column]):
            yield _key_fault(line.fault(column, ""))
    kind = line["kind"].lower()
    if kind not in rules.KINDS:
        yield line.fault("kind", _("“%(value)s” is neither “button” nor “phone”.") % {"value": line["kind"]})
    if kind == rules.PHONE and not rules.is_imei(line["serial"]):
        yield line.fault("serial", _("This is not an IMEI: 15 digits, the last one a check digit."))
    elif not _SERIAL.fullmatch(line["serial"]):
        yield line.fault("serial", _("A serial has 4 to 40 letters, digits, dots, dashes."))
    if line["serial"] in known:
        yield line.fault("serial", _("This serial is in the stock already."))
    if len(line["model"]) > 60:
        yield line.fault("model", _("At most 60 signs."))
    if line["sim"] and (kind != rules.PHONE or not _SIM.fullmatch(line["sim"])):
        yield line.fault("sim", _("A SIM number has 18 to 22 digits, and belongs to a phone."))


def _do(table: Table, by: str) -> int:
    delivered = [
        Delivered(line["kind"].lower(), line["serial"], line["model"], line["sim"]) for line in table.lines
    ]
    return len(do_deliver(delivered, by))


DELIVERIES = Importer("deliveries", COLUMNS, _read, _plan, _do, OPTIONAL)
