"""Headings of the file of settings: what belongs together stands together there."""

PLACE, REACHED, PROXY = (
    "Where it keeps its data",
    "Where people and phones come in",
    "The proxy in front, and connections",
)
ALERTS, PROOF, PEOPLE = (
    "The second road for alarms and troubles",
    "Keys, checkpoints, watching",
    "People and kits",
)
REMINDERS, SIGNATURE = "Reminders by e-mail", "The signature under decisions and agreements"
SMS, PUSH, METRICS, BACKUP = "Presses by SMS", "Waking pages", "Measuring", "Back-ups"
SOURCES = "Devices that are no phones"
DISPATCH = "Dispatch systems that are told of alarms"
ADDRESSES = "Streets and house numbers"
SIGN_IN = "Signing in with the authority's accounts"
JOURNAL = "Journal and records in PostgreSQL, on several machines"
