"""How addresses are written, and how people type them: words without accents, abbreviations, house numbers."""

import re
from collections.abc import Iterable
from typing import Final

from egide.common.folding import fold

# A word, or a house number with what is joined to it: 12A, 12/3, 12-14.
_TOKEN: Final = re.compile(r"\d[0-9a-z]*(?:[/-]\d[0-9a-z]*)*|[a-z][a-z0-9]*")
_LIGATURES: Final = str.maketrans({"œ": "oe", "æ": "ae", "Œ": "oe", "Æ": "ae", "ø": "o", "ı": "i", "ł": "l"})

# What a street is called after its kind: it says little of which one is meant, and people leave it out.
_SHORT_KINDS: Final[dict[str, tuple[str, ...]]] = {
    "allee": ("all",),
    "avenue": ("av", "ave"),
    "boulevard": ("bd", "bld", "blvd", "boul", "bvd"),
    "chaussee": ("ch", "chee", "chs", "chss"),
    "chemin": ("ch", "che", "chem"),
    "faubourg": ("fb", "fbg", "fg"),
    "impasse": ("imp",),
    "laan": ("ln",),
    "passage": ("pass",),
    "place": ("pl",),
    "platz": ("pl",),
    "plein": ("pl", "pln"),
    "quai": ("q",),
    "route": ("rte",),
    "rue": ("r",),
    "sentier": ("sent",),
    "square": ("sq",),
    "steenweg": ("stw", "stwg", "stnwg", "stg"),
    "straat": ("str",),
    "strasse": ("str",),
}
_OTHER_KINDS: Final = (
    "baan",
    "clos",
    "dreef",
    "drive",
    "gasse",
    "kaai",
    "lei",
    "markt",
    "ruelle",
    "venelle",
    "weg",
)
_SHORT_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "burgemeester": ("burg", "bgm"),
    "docteur": ("dr",),
    "doctor": ("dr",),
    "doktor": ("dr",),
    "dokter": ("dr",),
    "general": ("gen", "gal"),
    "generaal": ("gen",),
    "notre": ("n",),
    "president": ("pres",),
    "professeur": ("prof",),
    "professor": ("prof",),
    "saint": ("st",),
    "sainte": ("ste",),
    "sankt": ("st", "skt"),
    "sint": ("st",),
}
KINDS: Final = frozenset((*_SHORT_KINDS, *_OTHER_KINDS))
_LINKS: Final = frozenset(
    (
        *("a", "au", "aux", "d", "da", "de", "des", "du", "en", "et", "l", "la", "le", "les", "s", "sur"),
        *("de", "den", "der", "do", "e", "en", "het", "op", "t", "te", "ten", "ter", "van"),
        *("am", "an", "das", "der", "die", "im", "the", "von", "zu", "zum", "zur"),
    )
)
# They end a Dutch or German word as well: "Stationsstwg", "Exempelstr.".
_SUFFIXES: Final = ("stnwg", "stwg", "stw", "str", "pln", "ln")
_BOX: Final = frozenset(["app", "apt", "bte", "boite", "box", "bt", "bus", "postfach"])
# What follows a number and belongs to it: 12 A, 12 bis.
_BEHIND: Final = re.compile(r"[a-z]|bis|ter|quater")
_NUMBER: Final = re.compile(r"\d{1,4}(?:[a-z]{1,2}|bis|ter|quater)?(?:[/-]\d[0-9a-z]*)*")


def _long_forms() -> dict[str, tuple[str, ...]]:
    """Each abbreviation with all that it may stand for."""
    found: dict[str, tuple[str, ...]] = {}
    for long, shorts in (*_SHORT_KINDS.items(), *_SHORT_NAMES.items()):
        for short in shorts:
            found[short] = (*found.get(short, ()), long)
    return found


LONG_FORMS: Final = _long_forms()


def tokens(text: str) -> list[str]:
    """The words and numbers of `text` in order, of a to z and 0 to 9 alone."""
    return _TOKEN.findall(fold(text.translate(_LIGATURES)))


def single(words: Iterable[str]) -> list[str]:
    """Each part of "12/3" by itself: the index knows words of letters and digits alone."""
    return [part for word in words for part in re.split("[/-]", word)]


def meanings(word: str) -> tuple[str, ...]:
    """`word` itself, and what it stands for as an abbreviation; a long word also without its abbreviated end."""
    found = (word, *LONG_FORMS.get(word, ()))
    suffix = next((end for end in _SUFFIXES if word.endswith(end) and len(word) > len(end) + 2), None)
    if suffix:
        stem = word[: -len(suffix)]
        found += (stem, *(stem + kind for kind in LONG_FORMS[suffix]))
    return found


def is_weak(word: str) -> bool:
    """Whether it says little: a kind of street or its abbreviation, an article, a single letter."""
    return word in _LINKS or any(each in KINDS for each in (word, *LONG_FORMS.get(word, ()))) or len(word) < 2


def indexed(texts: Iterable[str]) -> str:
    """What of these names is put in the index: each word once, abbreviations also as what they stand for."""
    words: dict[str, None] = {}
    for text in texts:
        for token in single(tokens(text)):
            words.update(dict.fromkeys((token, *LONG_FORMS.get(token, ()))))
    return " ".join(words)


def number_form(text: str) -> str:
    """A house number as it is compared: "12 a" and "12A" are one."""
    return "".join(text.split()).upper()


def without_box(words: list[str]) -> list[str]:
    """Without "bte 3" and the like: a box has its house's position."""
    kept: list[str] = []
    skipped = False
    for i, word in enumerate(words):
        follows = words[i + 1] if i + 1 < len(words) else ""
        if skipped:
            skipped = False
        elif word in _BOX and kept and (follows[:1].isdigit() or len(follows) == 1):
            skipped = True
        else:
            kept.append(word)
    return kept


def readings(words: list[str]) -> list[tuple[tuple[str, ...], list[str]]]:
    """The ways to read `words`: the house's number in the forms to try ("12A", "12") and all other words.

    What looks like a postcode is taken for a number last, and last comes that there is none.
    """
    likely = [i for i, word in enumerate(words) if _NUMBER.fullmatch(word)]
    likely.sort(key=lambda i: (len(words[i]) == 4 and words[i].isdigit(), -i))
    found = []
    for i in likely[:3]:
        rest = words[:i] + words[i + 1 :]
        forms: tuple[str, ...] = (words[i].upper(),)
        if i < len(rest) and _BEHIND.fullmatch(rest[i]) and words[i].isdigit():
            forms = (words[i] + rest[i]).upper(), *forms
        found.append((forms, rest))
    return [*found, ((), words)]


def mistakes(word: str, other: str, most: int) -> int:
    """How many signs of `word` are wrong, missing, too many or swapped with the next for `other` to begin with it.

    `most` + 1 where they are more than that.
    """
    same = next(
        (i for i, (one, two) in enumerate(zip(word, other, strict=False)) if one != two),
        min(len(word), len(other)),
    )
    if same == len(word):
        return 0
    if most == 0:
        return 1
    word, other = word[same:], other[same:]
    ways = [(word[1:], other[1:]), (word, other[1:]), (word[1:], other)]
    if word[:2] == other[1::-1]:
        ways.append((word[2:], other[2:]))
    return 1 + min(mistakes(*way, most - 1) for way in ways)


def may_be_mistaken(word: str) -> bool:
    """Whether others are looked for that it may stand for: a short one would stand for too many, a number for any."""
    return len(word) >= _SHORTEST_MISTAKEN and not word[0].isdigit()


_SHORTEST_MISTAKEN: Final = 4
# How much of a word is compared when a mistake in it is looked for.
HEAD: Final = 7


def shortened(word: str) -> set[str]:
    """The first signs of `word`, also with one left out: two words with a mistake between them share one of these."""
    head = word[:HEAD]
    return {head, *(head[:i] + head[i + 1 :] for i in range(len(head)))}


def natural(number: str) -> tuple[int, str]:
    """House numbers in this order stand as in a street."""
    digits = number[: next((i for i, sign in enumerate(number) if not "0" <= sign <= "9"), len(number))]
    return int(digits or 0), number
