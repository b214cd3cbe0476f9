"""What a refused form must look like, whichever it is: told once at the top, each fault a link to its field."""

import re
from html import unescape

FORM, CONTROL = (
    re.compile(r"<form.*?</form>", re.DOTALL),
    re.compile(r"<(input|select|textarea|button)\s[^>]*\bname="),
)

SUMMARY = re.compile(
    r'<div class="form-error error-summary" role="alert" id="form-error"(.*?)</ul></div>', re.DOTALL
)


def faults_of(page: str) -> list[str]:
    """Where the links of the page's summary of faults lead. Raises AssertionError for one that leads nowhere."""
    found = SUMMARY.search(page)
    assert found, "no summary of what is wrong"
    assert "autofocus" in found[1], "the summary takes the focus"
    assert "<li>" in found[1], "the summary is empty"
    ids = {unescape(one) for one in re.findall(r'\sid="([^"]+)"', page)}
    links = [unescape(link) for link in re.findall(r'href="#([^"]+)"', found[1])]
    assert not (lost := set(links) - ids), f"links of the summary lead nowhere: {lost}"
    wrong = re.findall(r'<(?:input|select|textarea)[^>]*aria-invalid="true"[^>]*>', page)
    # Of buttons that exclude each other, one leads to all.
    groups: dict[str, set[str]] = {}
    for field in wrong:
        of = {word: unescape(value) for word, value in re.findall(r'\s(id|name|type)="([^"]*)"', field)}
        groups.setdefault(of["name"] if of.get("type") == "radio" else of["id"], set()).add(of["id"])
    unnamed = [name for name, those in groups.items() if those.isdisjoint(links)]
    assert not unnamed, f"wrong fields that the summary does not name: {unnamed}"
    return links


def most_fields(page: str) -> int:
    """How many fields a browser sends at most of one of the page's forms: its controls, and one of its buttons."""
    forms = ([found[1] for found in CONTROL.finditer(form)] for form in FORM.findall(page))
    return max((len(names) - max(names.count("button") - 1, 0) for names in forms), default=0)
