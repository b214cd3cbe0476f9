"""The app's resources: words from the web app's catalogues, icons from its pictures, and a number for each of them.

Nothing that a person reads or sees is written twice; what the platform shows by itself (names, icons, the notification)
is taken from `phone/` when the app is built.
"""

import json
import os
import shutil
import tomllib
from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import escape

from tools.running import node
from tools.tree import ROOT

PHONE = ROOT / "phone"
# English where the phone speaks none of them.
LANGUAGES = {"en": "values", "fr": "values-fr", "nl": "values-nl", "de": "values-de"}
DECOYS = ("notes", "timer", "converter", "calendar")
# Name of the string, and the key of its words in phone/src/locales. The list of active apps shows the first one.
STRINGS = {"app": "decoy.notes", "notice": "decoy.ready"} | {decoy: f"decoy.{decoy}" for decoy in DECOYS}
PACKAGE = "egide.app"
_TYPES = ("drawable", "mipmap", "string", "xml")
_PICTURE_FOLDER = "mipmap-xxxhdpi"


class NoWords(Exception):
    """The phone's texts cannot be read; the message says why."""


def words() -> dict[str, dict[str, str]]:
    """By language, then by key. Raises NoWords."""
    imports = "".join(
        f"import {{ {name} }} from {json.dumps((PHONE / 'src/locales' / (name + '.ts')).as_uri())};"
        for name in LANGUAGES
    )
    ended = node(
        "--input-type=module",
        "--eval",
        f"{imports} console.log(JSON.stringify({{ {', '.join(LANGUAGES)} }}))",
    )
    if ended.returncode:
        raise NoWords(f"the phone's texts cannot be read: {ended.stderr.strip()[-400:]}")
    found: dict[str, dict[str, str]] = json.loads(ended.stdout)
    return found


def strings_xml(texts: Mapping[str, str]) -> str:
    """One language's strings; an apostrophe has a meaning of its own in Android's resources."""
    rows = (f'  <string name="{name}">{_quoted(texts[key])}</string>' for name, key in STRINGS.items())
    return "\n".join(['<?xml version="1.0" encoding="utf-8"?>', "<resources>", *rows, "</resources>", ""])


def _quoted(text: str) -> str:
    return escape(text.replace("\\", "\\\\").replace("'", "\\'").replace('"', '\\"'))


def make_resources(out: Path, texts: Mapping[str, Mapping[str, str]]) -> None:
    """The whole of `res/` in `out`."""
    shutil.copytree(ROOT / "android" / "app" / "res", out, dirs_exist_ok=True)
    for language, folder in LANGUAGES.items():
        (out / folder).mkdir(exist_ok=True)
        (out / folder / "strings.xml").write_text(strings_xml(texts[language]))
    (out / _PICTURE_FOLDER).mkdir(exist_ok=True)
    for decoy in DECOYS:
        shutil.copyfile(PHONE / "public" / f"{decoy}-192.png", out / _PICTURE_FOLDER / f"{decoy}.png")


def version() -> str:
    """The project's, which the zone is told of each phone."""
    found: str = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    return found


def numbers() -> dict[str, dict[str, int]]:
    """Type, name, number: the same in every build, so that the classes can be compiled before any resource is."""
    res = ROOT / "android" / "app" / "res"
    names = {
        "drawable": _stems(res / "drawable"),
        "mipmap": sorted(DECOYS),
        "string": sorted(STRINGS),
        "xml": _stems(res / "xml"),
    }
    return {
        kind: {name: 0x7F000000 + (index << 16) + number for number, name in enumerate(names[kind])}
        for index, kind in enumerate(_TYPES, start=1)
    }


def _stems(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.xml"))


def stable_ids(package: str) -> str:
    """The same for aapt2."""
    return "".join(
        f"{package}:{kind}/{name} = 0x{number:08x}\n"
        for kind, names in numbers().items()
        for name, number in names.items()
    )


def r_java() -> str:
    """The class by which the code names them, the version of the app, and whether it is one for trials."""
    trials = "true" if os.environ.get("EGIDE_ANDROID_TRIALS") == "yes" else "false"
    lines = [f"package {PACKAGE};", "", "final class R {", f'  static final String VERSION = "{version()}";']
    lines += [f"  static final boolean IS_FOR_TRIALS = {trials};"]
    for kind, names in numbers().items():
        lines += [f"  static final class {kind} {{"]
        lines += [f"    static final int {name} = 0x{number:08x};" for name, number in names.items()]
        lines += ["  }"]
    return "\n".join([*lines, "}", ""])
