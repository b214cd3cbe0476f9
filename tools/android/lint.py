"""Holds the app's calls and overrides against what the oldest Android has, and our stubs against the public signatures.

`android/api.txt` says of each method that the stubs or the app name where it is declared and since which level; it is
written from the two pinned packages (`make android-api`), so that every run can be judged without them. A call that
the oldest phone lacks ends the app there; an override that it lacks is worse: it is never called, and a press is
missed.
"""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tools import android_core
from tools.android.build import MIN_SDK
from tools.android.class_files import ClassFile
from tools.android.dex import Class, Method
from tools.android.java import ANDROID, CannotBuild, compile_all
from tools.android.pinned import NotThere, pinned
from tools.android.program import Program, of_classes
from tools.android.public import Framework, Levels

TABLE = ANDROID / "api.txt"
_FRAMEWORK = ("android/", "java/", "javax/", "org/xml/", "org/w3c/", "org/json/")
# Which javac or D8 make by themselves, and no class declares.
_MADE = ("java/lang/Record", "java/lang/invoke/", "java/lang/runtime/")
_OBJECT = "java/lang/Object"
# The declarations for TypeScript know a function and no interface for it; Android's reference says 24 for all of them.
_UNTOLD, _UNTOLD_LEVEL = "java/util/function/", 24


# Stands before the value of a constant, where a method has its types.
_IS = "="
# Constants that the oldest phone does not know, with what happens there. javac puts the value into the app.
NEWER = {
    "android/content/Context.RECEIVER_NOT_EXPORTED": "a flag that Android 12 passes over: there any app may send these",
    "android/os/Build$VERSION_CODES.TIRAMISU": "what the level of the phone is compared with",
}


@dataclass(frozen=True)
class Row:
    """Where a method is declared, and since which level it can be called there."""

    owner: str
    name: str
    types: str
    level: int


class Table:
    """What api.txt says, by method as it was asked for."""

    def __init__(self, text: str) -> None:
        self._rows: dict[tuple[str, str, str], Row] = {}
        # Value and level.
        self._constants: dict[tuple[str, str], tuple[str, int]] = {}
        for line in text.splitlines():
            if line and not line.startswith("#"):
                owner, name, types, declared, level = line.split(" ")
                if types.startswith(_IS):
                    self._constants[owner, name] = types.removeprefix(_IS), int(level)
                else:
                    self._rows[owner, name, types] = Row(declared, name, types, int(level))

    def constant(self, owner: str, name: str) -> tuple[str, int] | None:
        return self._constants.get((owner, name))

    def find(self, owner: str, name: str, types: str) -> Row | None:
        return self._rows.get((owner, name, types))

    def beyond(self, methods: Iterable[Method]) -> list[str]:
        """What stands here beyond these: left over from what was called once."""
        known = {(method.owner, method.name, method.types) for method in methods}
        return sorted(f"{owner}.{name}{types}" for owner, name, types in self._rows.keys() - known)


def is_framework(name: str) -> bool:
    return name.startswith(_FRAMEWORK) and not name.startswith(_MADE)


def lineage(program: Program, name: str) -> Iterator[str]:
    """Our own classes from `name` up, then the first of the framework that each of them leads to."""
    waiting = [name]
    while waiting:
        current = waiting.pop(0)
        yield current
        if (ours := program.classes.get(current)) is not None:
            waiting += [*([ours.parent] if ours.parent else []), *ours.interfaces]


def calls(program: Program) -> set[Method]:
    """What is called of the framework, each under the class of it that the call means."""
    found = set()
    for method in program.called:
        if is_framework(method.owner):
            found.add(method)
        elif method.owner in program.classes and not _defines(program, method):
            found |= {
                Method(owner, method.name, method.types)
                for owner in lineage(program, method.owner)
                if is_framework(owner) and owner != _OBJECT
            }
    return found


def _defines(program: Program, method: Method) -> bool:
    return any(
        (other.name, other.types) == (method.name, method.types)
        for owner in lineage(program, method.owner)
        if owner in program.classes
        for other in program.classes[owner].methods
    )


def overridable(program: Program) -> Iterator[tuple[Class, str, Method]]:
    """Each method of ours that might override one of the framework, with the framework's class above it."""
    for ours in program.classes.values():
        above = [owner for owner in lineage(program, ours.name) if is_framework(owner) and owner != _OBJECT]
        for method in ours.methods:
            if method.name not in ("<init>", "<clinit>") and not method.name.startswith("lambda$"):
                yield from ((ours, owner, method) for owner in above)


def faults(program: Program, table: Table, min_sdk: int = MIN_SDK) -> list[str]:
    """One line for each call or override that the oldest Android lacks, or that no public table has."""
    found = []
    for method in sorted(calls(program), key=str):
        row = table.find(method.owner, method.name, method.types)
        where = f"{method.owner}.{method.name}{method.types}"
        if row is None and not _elsewhere(program, table, method):
            found.append(
                f"{where}: not in android/api.txt; is it public? `make android-api` asks the pinned packages"
            )
        elif row is not None and row.level > min_sdk:
            found.append(f"{where}: exists since API {row.level}, and the app runs from {min_sdk} on")
    found += sorted(
        f"{method.owner}.{method.name}{method.types}: a way for tests alone, that no phone has"
        for method in program.called
        if method.owner.startswith("egide/fake/") and method.owner not in program.classes
    )
    for ours, owner, method in overridable(program):
        row = table.find(owner, method.name, method.types)
        if row is not None and row.level > min_sdk:
            found.append(
                f"{ours.name}.{method.name}{method.types}: overrides what exists since API"
                f" {row.level}; phones before it never call it"
            )
    return found


def _elsewhere(program: Program, table: Table, method: Method) -> bool:
    """Whether another class above ours has it: of several parents only one declares a method."""
    return any(
        table.find(owner, method.name, method.types) is not None
        for ours in program.classes.values()
        for above in [list(lineage(program, ours.name))]
        if method.owner in above
        for owner in above
    )


def shipped(*folders: Path) -> Program:
    """Of the classes that javac made."""
    return of_classes(path for folder in folders for path in sorted(folder.rglob("*.class")))


def stub_files(stubs: Path) -> list[ClassFile]:
    """The stubs of the framework, compiled; ways for tests are no part of it."""
    files = [ClassFile(path.read_bytes()) for path in sorted((stubs / "android").rglob("*.class"))]
    return [file for file in files if not file.name.rpartition("$")[2].isdigit()]


def wanted(program: Program, stubs: Iterable[ClassFile]) -> set[Method]:
    """All that the table must know."""
    ours = calls(program) | {
        Method(owner, method.name, method.types)
        for _, owner, method in overridable(program)
        if owner.startswith(("java/", "javax/"))
    }
    return ours | {method for stub in stubs for method in stub.visible if method.name != "<clinit>"}


def written(
    methods: Iterable[Method], stubs: Iterable[ClassFile], framework: Framework, levels: Levels
) -> str:
    """The table. What the public API does not have is not in it, so that the lint finds it."""
    lines = []
    for stub in stubs:
        for name in stub.constants:
            if (found := levels.of_constant(stub.name, name)) is not None:
                lines.append(f"{stub.name} {name} {_IS}{found[0]} {stub.name} {found[1]}")
    for method in methods:
        declared = framework.declared(method.owner, method.name, method.types)
        if declared is None:
            continue
        level = levels.of_method(declared.owner, method.name, method.types) or levels.of_class(declared.owner)
        if declared.owner.startswith(_UNTOLD):
            level = _UNTOLD_LEVEL
        if level is None:
            continue
        lines.append(f"{method.owner} {method.name} {method.types} {declared.owner} {level}")
    head = "# Where each is declared, since which API level: `make android-api` asks the packages of android/pins.toml."
    return "\n".join([head, *sorted(lines), ""])


def stub_faults(stubs: Iterable[ClassFile], table: Table) -> list[str]:
    """What a stub has and no Android does: a test would then be passed by something that cannot happen."""
    return [
        f"android/stubs: {stub.name}.{method.name}{method.types} is no public method of Android:"
        " mark it @Beyond, or mend it"
        for stub in stubs
        for method in stub.visible
        if method.name != "<clinit>" and table.find(stub.name, method.name, method.types) is None
    ]


def constant_faults(stubs: Iterable[ClassFile], table: Table, min_sdk: int = MIN_SDK) -> list[str]:
    """What a stub says of a constant and Android does not, or not yet on the oldest phone: the app would carry it."""
    found = []
    for stub in stubs:
        for name, value in stub.constants.items():
            public, where = table.constant(stub.name, name), f"{stub.name}.{name}"
            if public is None:
                found.append(f"{where}: not in android/api.txt; is it public? `make android-api` asks")
            elif public[0] != value:
                found.append(f"{where}: {value} in android/stubs, {public[0]} on a phone")
            elif public[1] > min_sdk and where not in NEWER:
                found.append(f"{where}: exists since API {public[1]}; say in NEWER what happens before")
    return found


def asked(programs: Iterable[Program], stubs: Path) -> str:
    """The table of what these name, from the pinned packages. Raises NotThere."""
    levels, framework = Levels(pinned("levels").read_text()), Framework(pinned("signatures"))
    files = stub_files(stubs)
    methods = {method for program in programs for method in wanted(program, files)}
    return written(methods, files, framework, levels)


def main() -> None:
    """Writes android/api.txt anew."""
    try:
        stubs, core, app = compile_all()
        TABLE.write_text(asked([shipped(core, app)], stubs))
    except (NotThere, CannotBuild, android_core.Missing) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
