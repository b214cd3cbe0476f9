"""Addresses, channels and their answers as HTML, from one document of OpenAPI or AsyncAPI."""

from collections.abc import Iterator
from html import escape

from tools.reference.contracts import Node, Place, anchor_of, document
from tools.reference.shapes import ending, shape, summary
from tools.reference.words import line, paragraphs

SCHEMAS = "schemas"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def openapi(name: str) -> str:
    """A whole document: what it is, each address, each schema."""
    place, found = Place(name), document(name)
    parts = [_head(name, found)]
    for section in ("paths", "webhooks"):
        for path, item in found.get(section, {}).items():
            for method in METHODS:
                if method in item:
                    both = [*item.get("parameters", ()), *item[method].get("parameters", ())]
                    parts.append(_operation(place, _title(section, path, method), item[method], both))
    return "".join([*parts, *_schemas(place, found)])


def doors(name: str) -> list[tuple[str, str]]:
    """The id and the name of each address or channel, but for what browsers ask beforehand; then the schemas."""
    found = document(name)
    said = [
        (anchor_of(name, item[method]["operationId"]), _title(section, path, method))
        for section in ("paths", "webhooks")
        for path, item in found.get(section, {}).items()
        for method in METHODS
        if method in item and method != "options"
    ]
    said += [
        (anchor_of(name, word), Place(name).named(one["channel"]["$ref"])[1]["title"])
        for word, one in found.get("operations", {}).items()
    ]
    return [*said, (anchor_of(name, SCHEMAS), "Schemas")]


def _title(section: str, path: str, method: str) -> str:
    return f"{method.upper()} {path}" if section == "paths" else f"{method.upper()} (call of Egide) {path}"


def _head(name: str, found: Node) -> str:
    info = found["info"]
    said = (
        f'<section>\n<h2 id="{escape(anchor_of(name, "all"))}">{escape(info["title"])}</h2>\n'
        f"<p>contracts/{escape(name)}, version {escape(info['version'])}</p>\n"
    )
    if "summary" in info:
        said += f"<p><strong>{line(info['summary'])}</strong></p>\n"
    return said + paragraphs(info["description"])


def _operation(place: Place, title: str, operation: Node, parameters: list[Node]) -> str:
    anchor = anchor_of(place.name, operation["operationId"])
    said = f'<h3 id="{escape(anchor)}"><code>{escape(title)}</code></h3>\n'
    said += f"<p><strong>{line(operation['summary'])}</strong></p>\n"
    said += ending(operation) + paragraphs(operation.get("description", ""))
    for security in operation.get("security", ()):
        for scheme in security:
            about = document(place.name)["components"]["securitySchemes"][scheme]
            said += f"<p>Authorization: {escape(about['scheme'].capitalize())}. {line(about['description'])}</p>\n"
    if parameters:
        rows = "".join(_parameter(place, one) for one in parameters)
        said += f"<table><tr><th>parameter</th><th>is</th><th>means</th></tr>\n{rows}</table>\n"
    if "requestBody" in operation:
        body = operation["requestBody"]
        said += "<h4>Body</h4>\n" + paragraphs(body.get("description", "")) + _content(place, body)
    rows = "".join(_response(place, str(status), one) for status, one in operation["responses"].items())
    return said + f"<table><tr><th>status</th><th>means</th><th>holds</th></tr>\n{rows}</table>\n"


def _parameter(place: Place, node: Node) -> str:
    where, one = place.followed(node)
    must = "" if one.get("required") else "<br><em>may be absent</em>"
    return (
        f"<tr><td><code>{escape(one['name'])}</code> ({escape(one['in'])}){must}</td>"
        f"<td>{summary(where, one['schema'])}</td><td>{paragraphs(one.get('description', ''))}</td></tr>\n"
    )


def _content(place: Place, node: Node) -> str:
    said = ""
    for media, one in node.get("content", {}).items():
        said += f"<p><code>{escape(media)}</code>: {summary(place, one['schema'])}</p>\n"
        if "properties" in one["schema"]:
            said += shape(place, one["schema"])
    return said


def _response(place: Place, status: str, node: Node) -> str:
    where, one = place.followed(node)
    holds = [
        f"<code>{escape(media)}</code>: {_answer(where, content['schema'])}"
        for media, content in one.get("content", {}).items()
    ]
    for name, header in one.get("headers", {}).items():
        at, found = where.followed(header)
        about = f" {line(found['description'])}" if "description" in found else ""
        holds.append(f"header <code>{escape(name)}</code>: {summary(at, found['schema'])}.{about}")
    said = "<br>".join(holds) or "no body"
    return f"<tr><td>{escape(status)}</td><td>{paragraphs(one['description'])}</td><td>{said}</td></tr>\n"


def _answer(place: Place, schema: Node) -> str:
    """The schema in a line, and what its fields must be where they say it: a refusal's word above all."""
    said = summary(place, {**schema, "allOf": schema["allOf"][:1]} if "allOf" in schema else schema)
    parts = schema.get("allOf", ())[1:] if "allOf" in schema else [schema]
    more = [
        f"<code>{escape(field)}</code> {summary(place, one)}"
        for part in parts
        for field, one in part.get("properties", {}).items()
        if field != "error"
    ]
    return said + (": " + "; ".join(more) if more else "")


def _schemas(place: Place, found: Node) -> Iterator[str]:
    yield f'<h3 id="{escape(anchor_of(place.name, SCHEMAS))}">Schemas</h3>\n'
    for word, schema in found["components"].get("schemas", {}).items():
        yield f'<h4 id="{escape(anchor_of(place.name, word))}">{escape(word)}</h4>\n{shape(place, schema)}'
    yield "</section>\n"


def asyncapi(name: str) -> str:
    """A whole document: each channel with who speaks there, each message, each schema."""
    place, found = Place(name), document(name)
    parts = [_head(name, found)]
    for word, operation in found["operations"].items():
        _, channel = place.named(operation["channel"]["$ref"])
        parts.append(_channel(place, word, operation, channel))
    return "".join([*parts, *_schemas(place, found)])


def _channel(place: Place, word: str, operation: Node, channel: Node) -> str:
    verb = {"send": "Egide sends", "receive": "Egide receives"}[operation["action"]]
    said = f'<h3 id="{escape(anchor_of(place.name, word))}">{escape(channel["title"])}</h3>\n'
    said += f"<p><strong>{line(operation['summary'])}</strong> "
    said += f"{verb}, at <code>{escape(channel['address'])}</code> of: "
    servers = (place.named(one["$ref"])[1] for one in channel["servers"])
    said += "; ".join(f"{line(one['description'])} ({escape(one['protocol'])})" for one in servers) + "</p>\n"
    said += paragraphs(channel["description"])
    rows = ""
    for node in channel["messages"].values():
        where, message = place.followed(node)
        kinds = [f"{summary(where, message['payload'])}"]
        if "headers" in message:
            kinds.append(f"headers: {summary(where, message['headers'])}")
        about = f"<strong>{line(message['title'])}.</strong> {line(message.get('summary', ''))}"
        rows += f"<tr><td>{about}</td><td>{'<br>'.join(kinds)}</td></tr>\n"
    return said + f"<table><tr><th>message</th><th>holds</th></tr>\n{rows}</table>\n"
