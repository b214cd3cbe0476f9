"""Markdown as HTML: descriptions in contracts, the guide, and what the guide takes from elsewhere."""

import json
import re
from collections.abc import Callable
from functools import cache
from html import escape
from typing import Any

import msgspec
from markdown_it import MarkdownIt
from markdown_it.token import Token

from egide.connectors.sms.answers import ANSWERS
from egide.connectors.texting import ToSend
from egide.connectors.webhooks import secret_of, signature_of
from tools.links import anchor
from tools.reference.contracts import ASYNCAPI, CONTRACTS, EVENTS, OPENAPI, anchor_of
from tools.tree import ROOT

# In the order in which they are read: what it is called, the text, the word before its headings' ids.
GUIDE = (
    ("Where to begin", "contracts/guide/start.md", "guide-start"),
    ("A phone", "contracts/guide/phone.md", "guide-phone"),
    ("Signed calls; a dispatch system", "contracts/guide/signing.md", "guide-signing"),
    ("A gateway for text messages", "contracts/guide/gateway.md", "guide-gateway"),
    ("A source that is no phone", "contracts/guide/sources.md", "guide-sources"),
    ("A reader of exports", "contracts/guide/reading.md", "guide-reading"),
    ("The export of a journal", "docs/journal-export.md", "guide-export"),
    ("Versions and changes", "contracts/guide/changes.md", "guide-changes"),
    ("The button's radio", "contracts/gatt.md", "guide-gatt"),
)
_CHAPTERS = {path.rpartition("/")[2]: name for _title, path, name in GUIDE}
_CHAPTERS |= {name: anchor_of(name, "all") for name in (*OPENAPI, *ASYNCAPI)} | {EVENTS: EVENTS}
_CHAPTERS |= {path.name: f"example-{path.name}" for path in sorted((CONTRACTS / "examples").iterdir())}
_SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
_NUMBER = "+32470111111"
_FENCE = re.compile(r"```json\n(.*?)\n```", re.DOTALL)
_CALLS = re.compile(r"```http\n(.*?)\n```", re.DOTALL)


@cache
def _reader() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def paragraphs(text: str) -> str:
    """A description of a contract."""
    return str(_reader().render(text))


def line(text: str) -> str:
    """The same without a paragraph around it: for a cell or a heading."""
    return str(_reader().renderInline(text.strip()))


def chapter(text: str, name: str, deeper: int = 1) -> str:
    """A whole text of the guide: headings are `deeper` and have ids, and what is taken from elsewhere is there."""
    reader = _reader()
    tokens = reader.parse(text)
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            token.attrSet("id", f"{name}-{anchor(tokens[at + 1].content)}")
        if token.type.startswith("heading_"):
            token.tag = f"h{min(6, int(token.tag[1]) + deeper)}"
        if token.type == "fence" and (taken := _TAKEN.get(token.info.partition(" ")[0])):
            token.content = taken(token.info.partition(" ")[2])
        for child in token.children or ():
            _stay_here(child, name)
    return str(reader.renderer.render(tokens, reader.options, {}))


def headings(text: str, name: str) -> list[tuple[str, str]]:
    """What a chapter is divided into: the id and the words of each heading behind its first."""
    tokens = _reader().parse(text)
    said = (tokens[at + 1].content for at, token in enumerate(tokens) if token.type == "heading_open")
    return [(f"{name}-{anchor(words)}", words) for words in said][1:]


def _stay_here(token: Token, name: str) -> None:
    """A link to another file of the project leads nowhere from a page that stands alone, but to a chapter here, or to
    what stands in it under a heading; one without a file stays in the chapter of this `name`."""
    if token.type != "link_open":
        return
    file, _, heading = str(token.attrs.get("href", "")).partition("#")
    chapter_of = _CHAPTERS.get(file.rpartition("/")[2]) if file else name
    if chapter_of:
        token.attrs["href"] = f"#{chapter_of}-{heading}" if heading else f"#{chapter_of}"
    elif not file.startswith("https://"):
        token.attrs.pop("href")


def _vector(words: str) -> str:
    """One of contracts/vectors.json: the name of its list, and its number there."""
    name, number = words.split()
    found: Any = json.loads((ROOT / "contracts" / "vectors.json").read_text(encoding="utf-8"))[name]
    return json.dumps(found[int(number)], indent=1, ensure_ascii=False) + "\n"


def _sms(name: str) -> str:
    """A list of contracts/sms.json, a line for each."""
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in _texts()[name])


def _texts() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_file("contracts/sms.json"))
    return found


def _sms_calls(_words: str) -> str:
    """Bodies of a gateway's calls: a press as two texts that ask for an answer, and a whole one."""
    halves, whole = _texts()["asking"][0]["parts"], _texts()["binary"][0]
    bodies = [{"text": text, "from": _NUMBER} for text in halves]
    bodies.append({"udh": whole["udh"], "data": whole["data"]})
    return "".join(json.dumps(one) + "\n" for one in bodies)


def _sms_send(_words: str) -> str:
    """A call of the gateway, as the code makes it."""
    body = msgspec.json.encode(ToSend(_NUMBER, ANSWERS[14]))
    identity, timestamp = "answer_000102030405060708090a0b0c0d0e0f", "1800000000"
    signature = signature_of(secret_of(_SECRET), identity, timestamp, body)
    return (
        "Content-Type: application/json\n"
        f"webhook-id: {identity}\n"
        f"webhook-timestamp: {timestamp}\n"
        f"webhook-signature: {signature}\n\n"
        f"{body.decode()}\n"
    )


def _reasons(_words: str) -> str:
    """Why an envelope is refused, a line for each."""
    found: Any = json.loads((ROOT / "contracts" / "vectors.json").read_text(encoding="utf-8"))["reasons"]
    width = max(map(len, found)) + 2
    return "".join(f"{reason:{width}}{said}\n" for reason, said in found.items())


def _file(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def _example_of(path: str) -> str:
    """The first example in JSON of a page of the documentation, which a test holds against the code."""
    found = _FENCE.search(_file(path))
    assert found is not None, path
    return found[1] + "\n"


def _calls_of(path: str) -> str:
    """Each call that such a page shows, as it travels."""
    return "\n\n\n".join(_CALLS.findall(_file(path))) + "\n"


def _signed(_words: str) -> str:
    """A call, signed by the code itself."""
    body = '{"type":"alarm.shown","alarm":"635e6dc6f0b51c6c487d2079ada2a4c4"}'
    identity, timestamp = "msg_1", "1800000000"
    signature = signature_of(secret_of(_SECRET), identity, timestamp, body.encode())
    return (
        f"secret             {_SECRET}\n"
        f"webhook-id         {identity}\n"
        f"webhook-timestamp  {timestamp}\n"
        f"body               {body}\n"
        f"what is signed     {identity}.{timestamp}.{body}\n"
        f"webhook-signature  {signature}\n"
    )


# By the first word behind a fence.
_TAKEN: dict[str, Callable[[str], str]] = {
    "vector": _vector,
    "file": _file,
    "file-json": _example_of,
    "file-http": _calls_of,
    "signed": _signed,
    "sms": _sms,
    "sms-calls": _sms_calls,
    "sms-send": _sms_send,
    "reasons": _reasons,
}


def code(text: str, language: str = "") -> str:
    """A piece of a program or of a wire."""
    kind = f' class="language-{escape(language)}"' if language else ""
    return f"<pre><code{kind}>{escape(text)}</code></pre>\n"
