"""The events that an opened export holds, from contracts/events/: each with its fields, and what they are made of."""

import json
from html import escape

from tools.reference.contracts import CONTRACTS, EVENTS, Node, Place, anchor_of
from tools.reference.shapes import shape


def events() -> str:
    """One table for each event, then one for each thing that events hold."""
    known: dict[str, Node] = {}
    tops = []
    for path in sorted((CONTRACTS / EVENTS).glob("*.schema.json")):
        found = json.loads(path.read_text(encoding="utf-8"))
        tops.append(found["title"])
        for word, schema in found["$defs"].items():
            if known.setdefault(word, schema) != schema:
                raise ValueError(f"{word} is two things in contracts/events/: the second in {path.name}")
    parts = [
        f'<section>\n<h2 id="{EVENTS}">Events of an export</h2>\n',
        "<p>contracts/events/. What a line of an opened export holds beside <code>seq</code>, <code>at_us</code> and",
        " <code>kind</code>. A field that has its default may be absent. Times are microseconds since 1970 where their",
        " name ends in <code>_us</code>, seconds in <code>_s</code>. An event's meaning never changes; a new one has a",
        " new name.</p>\n",
    ]
    for word in (*tops, *sorted(set(known) - set(tops))):
        parts.append(
            f'<h3 id="{escape(anchor_of(EVENTS, word))}">{escape(word)}</h3>\n{shape(Place(EVENTS), known[word])}'
        )
    return "".join([*parts, "</section>\n"])
