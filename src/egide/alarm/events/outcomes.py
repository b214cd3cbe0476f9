"""The outcomes with which an alarm can be closed (safety rule 11), in the order in which they are offered."""

OUTCOMES = (
    "arrest",
    "perpetrator-gone",
    "person-not-found",
    "nobody-seen-but-fear-founded",
    "help-refused",
    "injured",
    "killed",
    "child-taken",
    "handling-error",
    "test",
    "technical",
)
