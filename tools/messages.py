"""The texts in four languages: collect them from Python and templates, check the catalogues, compile them.

Babel alone does all three, so that no machine needs gettext's binaries. English is the language of the
message ids; French, Dutch and German have a catalogue each.
"""

import argparse
import ast
import io
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import django
from babel.messages import mofile, pofile
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_python
from django.conf import settings
from django.utils.translation.template import templatize

from tools.tree import ROOT, find_files

SOURCE = ROOT / "src" / "egide"
LOCALE = SOURCE / "locale"
LANGUAGES = ("fr", "nl", "de")
KEYWORDS: dict[str, Any] = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
# Most files have no text: they are not read sign by sign.
CALLED = re.compile(rf"\b({'|'.join(KEYWORDS)})\b")
# Two sentences that begin with so many same signs are one text, twice.
SAME_SIGNS = 24
# French puts a space before these, at which no line may break.
FRENCH_SPACE = re.compile(r"(?<=\S) (?=[?!;:»](?:\s|$))|(?<=«) ")
PLACEHOLDER = re.compile(r"%\(\w+\)[#0\- +]*[\d.]*[a-zA-Z]|%[sdif]|%%?|\{\w*[^{}]*\}")


def _calls_in_f_strings(text: str) -> Iterator[ast.Call]:
    """Before Python 3.12 an f-string is one token, and Babel does not see what is called in it."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.JoinedStr):
            yield from (inner for inner in ast.walk(node) if isinstance(inner, ast.Call))


def extract_file(path: Path) -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    """Message ids of one file, (singular, plural) where there are two, each with its context or None."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        if not CALLED.search(text):
            return
        text += "".join(f"\n{ast.unparse(call)}" for call in _calls_in_f_strings(text))
    else:
        # In brackets Python heeds no indentation.
        text = f"({templatize(text, origin=str(path))})"
    for _line, function, found, _comments in extract_python(io.BytesIO(text.encode()), KEYWORDS, [], {}):
        spec = KEYWORDS[str(function)]
        # One string or several, whatever Babel's annotation says; None where the argument is a variable.
        values: Any = found or ()
        parts = [values] if isinstance(values, str) else list(values)
        context = parts.pop(0) if spec and isinstance(spec[0], tuple) else None
        ids = [part for part in parts if part]
        if ids:
            yield (ids[0] if len(ids) == 1 else (ids[0], ids[1])), context


def collect(source: Path) -> Catalog:
    """Every message of the Python files and templates below `source`, with the files that use it."""
    if not settings.configured:
        settings.configure(USE_I18N=True)
        django.setup()
    catalog = Catalog(charset="utf-8", fuzzy=False)
    for path in find_files(source, ".py", ".html", ".txt"):
        for message_id, context in extract_file(path):
            where = path.relative_to(source).as_posix()
            catalog.add(message_id, locations=[(where, 0)], context=context)
    return catalog


def catalogue_path(locale: Path, language: str) -> Path:
    return locale / language / "LC_MESSAGES" / "django.po"


def read_catalogue(path: Path, language: str) -> Catalog:
    if not path.exists():
        return Catalog(
            locale=language,
            charset="utf-8",
            project="Egide",
            version="unreleased",
            msgid_bugs_address="CONTRIBUTING.md",
            last_translator="Egide",
            language_team="Egide",
            fuzzy=False,
        )
    with path.open("rb") as file:
        return pofile.read_po(file, locale=language)


def do_update(source: Path, locale: Path) -> None:
    """Add new messages to every catalogue and drop those that nothing uses; translations are kept."""
    template = collect(source)
    for language in LANGUAGES:
        path = catalogue_path(locale, language)
        catalog = read_catalogue(path, language)
        created = catalog.creation_date
        catalog.update(template, no_fuzzy_matching=True)
        if language == "fr":
            do_keep_together(catalog)
        catalog.creation_date = created
        catalog.header_comment = f"# Egide: {catalog.locale.english_name if catalog.locale else language}"
        written = io.BytesIO()
        pofile.write_po(
            written, catalog, width=100, ignore_obsolete=True, include_lineno=False, sort_output=True
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(written.getvalue())
        print(
            f"{language}: {sum(1 for message in catalog if message.id and not is_translated(message))} to do"
        )


def do_keep_together(catalog: Catalog) -> None:
    """Make the spaces of French punctuation narrow ones that do not break (U+202F)."""
    for message in catalog:
        if message.id:
            texts = [FRENCH_SPACE.sub("\u202f", text) for text in strings(message)]
            message.string = tuple(texts) if message.pluralizable else texts[0]


def do_compile(path: Path) -> None:
    """Write the .mo file beside a .po file."""
    language = path.parent.parent.name
    with path.with_suffix(".mo").open("wb") as file:
        mofile.write_mo(file, read_catalogue(path, language))


def strings(message: Message) -> list[str]:
    """The translations of a message: one, or one for each plural form."""
    found = message.string if isinstance(message.string, tuple | list) else [message.string]
    return [text or "" for text in found]


def is_translated(message: Message) -> bool:
    return all(strings(message))


def is_said_twice(text: str) -> bool:
    """Whether it begins anew in the middle, as when a translation was put before an old one."""
    return len(text) > 2 * SAME_SIGNS and text.find(text[:SAME_SIGNS], 1) > 0


def placeholders(text: str) -> Counter[str]:
    return Counter(PLACEHOLDER.findall(text))


def find_faults(template: Catalog, catalog: Catalog) -> Iterator[str]:
    """What is wrong with a catalogue, one sentence for each message."""
    for wanted in template:
        if wanted.id and catalog.get(wanted.id, wanted.context) is None:
            yield f"missing: {wanted.id!r}"
    for message in catalog:
        if not message.id:
            continue
        if template.get(message.id, message.context) is None:
            yield f"nothing uses it any more: {message.id!r}"
        elif not is_translated(message):
            yield f"not translated: {message.id!r}"
        elif message.fuzzy:
            yield f"marked as doubtful (fuzzy): {message.id!r}"
        elif any(is_said_twice(text) for text in strings(message)):
            yield f"says the same twice: {message.id!r}"
        else:
            yield from find_placeholder_faults(message)


def find_placeholder_faults(message: Message) -> Iterator[str]:
    """A translation must name the same values as its original, or the page breaks when it is shown."""
    originals = message.id if isinstance(message.id, tuple | list) else [message.id]
    accepted = [placeholders(text) for text in originals]
    for text in strings(message):
        if placeholders(text) not in accepted:
            yield f"other placeholders than {originals[0]!r}: {text!r}"


def check(source: Path, locale: Path) -> list[str]:
    """Faults of all catalogues, each with its language."""
    template = collect(source)
    return [
        f"{language}: {fault}"
        for language in LANGUAGES
        for fault in find_faults(template, read_catalogue(catalogue_path(locale, language), language))
    ]


def main(arguments: Iterable[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=["update", "check", "compile"])
    parser.add_argument("file", nargs="*", type=Path, help="catalogues to compile (default: all)")
    options = parser.parse_args(None if arguments is None else list(arguments))
    if options.command == "update":
        do_update(SOURCE, LOCALE)
    elif options.command == "compile":
        for path in options.file or [catalogue_path(LOCALE, language) for language in LANGUAGES]:
            do_compile(path)
    else:
        faults = check(SOURCE, LOCALE)
        for fault in faults:
            print(fault, file=sys.stderr)
        if faults:
            print("`make messages` brings the catalogues up to date; then translate.", file=sys.stderr)
        return 1 if faults else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
