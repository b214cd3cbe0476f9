"""One decoder under libFuzzer, which sees the lines that each input reaches; `tests/fuzz/__main__.py` starts it.

`python -m tests.fuzz.one NAME FILE` tries one input again. Needs atheris, which has wheels for Linux on x86-64.
"""

import sys
from pathlib import Path

import atheris
import django
from django.conf import settings

settings.configure(USE_I18N=False)
django.setup()

# What reads files for us in Python is looked into as well: without that libFuzzer would learn nothing of a file.
LIBRARIES = {"scan": ["pypdf"], "photo": ["PIL"]}

with atheris.instrument_imports(include=["egide", *LIBRARIES.get(sys.argv[1], [])]):
    from tests.fuzz.targets import TARGETS


def write(folder: Path) -> None:
    """Write what each decoder begins with, and print the names with their longest input."""
    for name, target in TARGETS.items():
        (folder / name).mkdir(exist_ok=True)
        for number, data in enumerate(target.seeds()):
            (folder / name / f"begin-{number}").write_bytes(data)
        sys.stdout.write(f"{name} {target.longest}\n")


def main() -> None:
    """Fuzz until libFuzzer's own options say that it is enough."""
    name, *options = sys.argv[1:]
    if name == "--write":
        write(Path(options[0]))
        return
    atheris.Setup([sys.argv[0], *options], TARGETS[name].check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
