"""The translation check finds what would leave a reader with an English or broken sentence."""

import gettext
from pathlib import Path

import pytest

from tools import messages

PAGE = (
    "{% load i18n %}\n    {% translate 'Acknowledge' %}\n  "
    "{% blocktranslate count n=n %}{{ n }} alarm{% plural %}{{ n }} alarms{% endblocktranslate %}"
)
CODE = """
from django.utils.translation import gettext_lazy as _, pgettext
title = _("Zone %(name)s")
verb = f"{pgettext('command', 'Close')}: now"
shown = _(title)
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    package = tmp_path / "package"
    package.mkdir()
    (package / "page.html").write_text(PAGE)
    (package / "code.py").write_text(CODE)
    return package


def translate(locale: Path, language: str, pairs: dict[str, str]) -> None:
    """Fill translations into a catalogue, line by line, as a translator does in an editor."""
    path = messages.catalogue_path(locale, language)
    text = path.read_text()
    for original, translation in pairs.items():
        text = text.replace(f'msgid "{original}"\nmsgstr ""', f'msgid "{original}"\nmsgstr "{translation}"')
    text = text.replace('msgstr[0] ""', 'msgstr[0] "%(n)s eins"').replace(
        'msgstr[1] ""', 'msgstr[1] "%(n)s mehr"'
    )
    path.write_text(text.replace('msgstr[2] ""', 'msgstr[2] "%(n)s plus"'))


def translate_all(locale: Path, **changed: str) -> None:
    for language in messages.LANGUAGES:
        pairs = {"Acknowledge": "A", "Zone %(name)s": "Z %(name)s", "Close": "C"}
        translate(locale, language, {**pairs, **changed})


def test_every_text_of_code_and_templates_is_collected(source: Path) -> None:
    found = {(message.id, message.context) for message in messages.collect(source) if message.id}
    assert found == {
        ("Acknowledge", None),
        (("%(n)s alarm", "%(n)s alarms"), None),
        ("Zone %(name)s", None),
        ("Close", "command"),
    }


def test_a_missing_catalogue_is_a_fault_for_every_message(source: Path, tmp_path: Path) -> None:
    faults = messages.check(source, tmp_path / "locale")
    assert "fr: missing: 'Acknowledge'" in faults
    assert len(faults) == 4 * len(messages.LANGUAGES)


def test_a_new_message_is_untranslated_until_somebody_translates_it(source: Path, tmp_path: Path) -> None:
    locale = tmp_path / "locale"
    messages.do_update(source, locale)
    assert "nl: not translated: 'Acknowledge'" in messages.check(source, locale)
    translate_all(locale)
    assert messages.check(source, locale) == []


def test_updating_again_keeps_translations_and_changes_nothing(source: Path, tmp_path: Path) -> None:
    locale = tmp_path / "locale"
    messages.do_update(source, locale)
    translate_all(locale)
    messages.do_update(source, locale)
    before = messages.catalogue_path(locale, "de").read_bytes()
    messages.do_update(source, locale)
    assert messages.catalogue_path(locale, "de").read_bytes() == before
    assert messages.check(source, locale) == []


def test_a_placeholder_that_was_translated_is_found(source: Path, tmp_path: Path) -> None:
    locale = tmp_path / "locale"
    messages.do_update(source, locale)
    translate_all(locale, **{"Zone %(name)s": "Zone %(nom)s"})
    assert "fr: other placeholders than 'Zone %(name)s': 'Zone %(nom)s'" in messages.check(source, locale)


def test_a_percent_sign_that_would_break_the_page_is_found(source: Path, tmp_path: Path) -> None:
    locale = tmp_path / "locale"
    messages.do_update(source, locale)
    translate_all(locale, **{"Zone %(name)s": "100 % zone %(name)s"})
    assert len(messages.check(source, locale)) == len(messages.LANGUAGES)


def test_a_translation_that_stands_there_twice_is_found(source: Path, tmp_path: Path) -> None:
    messages.do_update(source, tmp_path)
    text = "Bevestig dat u het alarm gezien hebt. "
    translate_all(tmp_path, Acknowledge=text * 2)
    found = messages.check(source, tmp_path)
    assert found and all("says the same twice: 'Acknowledge'" in fault for fault in found)


def test_a_doubtful_translation_is_found(source: Path, tmp_path: Path) -> None:
    locale = tmp_path / "locale"
    messages.do_update(source, locale)
    translate_all(locale)
    path = messages.catalogue_path(locale, "fr")
    path.write_text(path.read_text().replace('msgid "Acknowledge"', '#, fuzzy\nmsgid "Acknowledge"'))
    assert messages.check(source, locale) == ["fr: marked as doubtful (fuzzy): 'Acknowledge'"]


def test_a_message_that_nothing_uses_is_found_and_dropped_by_an_update(source: Path, tmp_path: Path) -> None:
    locale = tmp_path / "locale"
    messages.do_update(source, locale)
    translate_all(locale)
    (source / "code.py").unlink()
    assert "de: nothing uses it any more: 'Close'" in messages.check(source, locale)
    messages.do_update(source, locale)
    assert messages.check(source, locale) == []


def test_a_compiled_catalogue_is_read_by_the_standard_library(source: Path, tmp_path: Path) -> None:
    locale = tmp_path / "locale"
    messages.do_update(source, locale)
    translate_all(locale)
    messages.do_compile(messages.catalogue_path(locale, "nl"))
    dutch = gettext.translation("django", locale, languages=["nl"])
    assert dutch.gettext("Acknowledge") == "A"
    assert dutch.pgettext("command", "Close") == "C"
    assert dutch.ngettext("%(n)s alarm", "%(n)s alarms", 2) == "%(n)s mehr"


def test_french_punctuation_stays_with_its_word(source: Path, tmp_path: Path) -> None:
    locale = tmp_path / "locale"
    messages.do_update(source, locale)
    translate(locale, "fr", {"Acknowledge": "Vraiment ? « Oui » : pas 12:30 ni a:b"})
    messages.do_update(source, locale)
    catalog = messages.read_catalogue(messages.catalogue_path(locale, "fr"), "fr")
    kept = catalog.get("Acknowledge")
    assert kept is not None
    assert kept.string == "Vraiment\u202f? «\u202fOui\u202f»\u202f: pas 12:30 ni a:b"
