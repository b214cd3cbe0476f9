"""The pages of the app for Android as its window serves them: address, types, and the policy of its own class."""

import re

from tools.android_core import CORE

_SOURCE = (CORE / "src" / "egide" / "core" / "engine" / "PageRules.java").read_text()
ORIGIN = "https://pages.invalid"
TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


def policy() -> str:
    """As the app's own class says it."""
    told = re.search(r"POLICY =\s+(.*?);\n", _SOURCE, re.DOTALL)
    assert told is not None
    return "".join(re.findall(r'"([^"]*)"', told[1]))
