"""Schemas as HTML: a table for an object, a line for everything else; named ones are linked."""

import json
from collections.abc import Iterator
from html import escape
from typing import Any

from tools.reference.contracts import Node, Place
from tools.reference.words import line, paragraphs

_NO_OTHERS = (
    "<p>No other fields: refused in what is sent to Egide; in what Egide says they may come later, and are passed"
    " over.</p>\n"
)
_LIMITS = (
    ("pattern", "matches"),
    ("format", "format"),
    ("contentMediaType", "content"),
    ("minLength", "signs at least"),
    ("maxLength", "signs at most"),
    ("minimum", "at least"),
    ("maximum", "at most"),
    ("minItems", "items at least"),
    ("maxItems", "items at most"),
    ("default", "when absent"),
)


def shape(place: Place, schema: Node) -> str:
    """The whole of a schema, described."""
    said = paragraphs(schema["description"]) if "description" in schema else ""
    if "allOf" in schema or "properties" in schema:
        said += _table(place, schema)
        if schema.get("additionalProperties") is False:
            said += _NO_OTHERS
    else:
        said += f"<p>{summary(place, schema)}</p>\n"
    for example in schema.get("examples", ()):
        said += f"<pre><code>{escape(json.dumps(example, ensure_ascii=False))}</code></pre>\n"
    return said


def _table(place: Place, schema: Node) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(name)}</code>{'' if is_required else '<br><em>may be absent</em>'}</td>"
        f"<td>{summary(where, one)}</td><td>{_about(where, one)}</td></tr>\n"
        for name, is_required, where, one in fields(place, schema)
    )
    return f"<table><tr><th>field</th><th>is</th><th>means</th></tr>\n{rows}</table>\n"


def _about(place: Place, schema: Node) -> str:
    said = paragraphs(schema["description"]) if "description" in schema else ""
    inner = schema.get("items", schema)
    if isinstance(inner, dict) and "$ref" not in inner and "properties" in inner:
        said += _table(place, inner)
    return said


def fields(place: Place, schema: Node) -> Iterator[tuple[str, bool, Place, Node]]:
    """Each field with whether it must be there; of parts that hold together, those that say more come later."""
    found: dict[str, tuple[Place, Node]] = {}
    required: set[str] = set()
    for part in (*schema.get("allOf", ()), schema):
        where, one = place.followed(part)
        required.update(one.get("required", ()))
        found |= {name: (where, field) for name, field in one.get("properties", {}).items()}
        if one is not schema and "allOf" in one:
            for name, is_required, at, field in fields(where, one):
                found[name] = at, field
                required.update({name} if is_required else ())
    for name, (where, field) in found.items():
        yield name, name in required, where, field


def summary(place: Place, schema: Any) -> str:
    """A schema in a line of HTML."""
    if not isinstance(schema, dict):
        return "anything"
    if "$ref" in schema:
        anchor, word = place.anchor(schema["$ref"])
        return f'<a href="#{escape(anchor)}">{escape(word)}</a>'
    for key, between in (("oneOf", " or "), ("anyOf", " or "), ("allOf", " with ")):
        if key in schema:
            return between.join(dict.fromkeys(summary(place, one) for one in schema[key]))
    if "const" in schema:
        return f"<code>{escape(json.dumps(schema['const']))}</code>"
    if "enum" in schema:
        return "one of " + ", ".join(f"<code>{escape(str(one))}</code>" for one in schema["enum"])
    return _plain(place, schema)


def _plain(place: Place, schema: Node) -> str:
    kind = schema.get("type", "object" if "properties" in schema else "anything")
    said = " or ".join(kind) if isinstance(kind, list) else str(kind)
    items = schema.get("items")
    if isinstance(items, list):
        said += " of " + ", ".join(
            f"{summary(place, one)} {line(one.get('description', ''))}" for one in items
        )
    elif isinstance(items, dict) and "properties" not in items:
        said += " of " + summary(place, items)
    limits = [
        f"{words} <code>{escape(str(schema[key]))}</code>"
        for key, words in _LIMITS
        if key in schema and schema[key] != ""
    ]
    return ", ".join([said, *limits])
