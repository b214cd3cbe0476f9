"""The page: the guide first, then each document of contracts/. It asks for nothing: no script, no picture, no font."""

from html import escape
from pathlib import Path

from tools.reference.contracts import ASYNCAPI, EVENTS, OPENAPI, anchor_of, document
from tools.reference.doors import asyncapi, doors, openapi
from tools.reference.recorded import events
from tools.reference.words import GUIDE, chapter, code, headings, line
from tools.tree import ROOT

_HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Egide: reference for others</title>
<style>
{style}</style>
</head>
<body>
<header>
<h1>Egide: reference for others</h1>
<p>For those who write a phone, a button, a source, a dispatch system, a gateway or a reader of their own:
byte formats, addresses, answers, calls of Egide to others. It is made of <code>contracts/</code> in Egide's source,
which the tests hold against the code, and asks the network for nothing.</p>
</header>
"""

# The page is long: from the end of each chapter there is a way back.
_UP = '<p><a href="#contents">Contents</a></p>\n'
LANGUAGES = {".py": "Python 3.11", ".mjs": "JavaScript, Node 20", ".sh": "curl and openssl"}


def page() -> str:
    """The whole of it."""
    parts = [
        _HEAD.format(style=(Path(__file__).parent / "page.css").read_text(encoding="utf-8")),
        _contents(),
        "<main>\n",
    ]
    for _title, path, name in GUIDE:
        text = chapter((ROOT / path).read_text(encoding="utf-8"), name)
        parts.append(f'<section id="{name}">\n{text}</section>\n')
    parts.append(_examples())
    parts += [openapi(name) for name in OPENAPI]
    parts += [asyncapi(name) for name in ASYNCAPI]
    parts.append(events())
    whole = "".join([*parts, "</main>\n</body>\n</html>\n"])
    return whole.replace("</section>\n", f"{_UP}</section>\n")


def _examples() -> str:
    said = '<section id="examples">\n<h2>Examples</h2>\n<p>Whole programs, run by the tests as they stand here.</p>\n'
    for path in sorted((ROOT / "contracts" / "examples").iterdir()):
        if path.suffix in LANGUAGES:
            said += f'<h3 id="example-{path.name}"><code>{escape(path.name)}</code></h3>\n'
            said += f"<details><summary>{LANGUAGES[path.suffix]}</summary>\n"
            said += code(path.read_text(encoding="utf-8")) + "</details>\n"
    return said + "</section>\n"


def _contents() -> str:
    rows = [
        _row(name, title, headings((ROOT / path).read_text(encoding="utf-8"), name))
        for title, path, name in GUIDE
    ]
    rows.append(_row("examples", "Examples in curl, Python and JavaScript", []))
    rows += [
        _row(anchor_of(name, "all"), document(name)["info"]["title"], doors(name))
        for name in (*OPENAPI, *ASYNCAPI)
    ]
    rows.append(_row(EVENTS, "Events of an export", []))
    return f'<nav id="contents" aria-label="Contents"><ul>\n{"".join(rows)}</ul></nav>\n'


def _row(name: str, title: str, parts: list[tuple[str, str]]) -> str:
    """A chapter, and below it what it is divided into."""
    below = "".join(f'<li><a href="#{escape(one)}">{line(words)}</a></li>\n' for one, words in parts)
    inner = f"\n<ul>\n{below}</ul>\n" if below else ""
    return f'<li><a href="#{escape(name)}">{escape(title)}</a>{inner}</li>\n'
