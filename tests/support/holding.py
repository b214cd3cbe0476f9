"""What only `make test-full` runs, and which tests of every run hold meanwhile what that shows. Prints the table.

`@pytest.mark.full("tests/a/test_b.py::test_c", ...)`, on a test, on one of its cases or as `pytestmark`, names them: a
test, a file, one of the phone's (`phone/tests/*.test.ts`), or, on a case, "its other cases". It is read from the
sources, and nothing is loaded for it.
"""

import ast
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tools.tree import ROOT

# The test holds it itself, by a case that every run has.
OWN = "its other cases"
MARK = "pytest.mark.full"
_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Moved:
    """One use of the mark: the test or file, which of its cases (none: all), and what holds it."""

    name: str
    case: str
    holders: tuple[str, ...]
    # Whether the same list has a case that every run tries.
    has_others: bool = False

    @property
    def shown(self) -> str:
        return f"`{self.name}`" + (f", case {self.case}" if self.case else "")


def moved_in(name: str, text: str) -> Iterator[Moved]:
    """Every use of the mark in a source; ValueError for one that stands where none is understood."""
    if MARK not in text:
        return
    tree = ast.parse(text)
    constants = _constants(tree)
    found = [Moved(name, "", _holders(mark, constants)) for mark in _of_module(tree)]
    for statement in tree.body:
        named = f"{name}::{statement.name}" if isinstance(statement, _Function) else name
        if isinstance(statement, _Function):
            of_all = filter(_is_mark, statement.decorator_list)
            found += [Moved(named, "", _holders(mark, constants)) for mark in of_all]
        for case in ast.walk(statement):
            for mark in _marks_of(case):
                assert isinstance(case, ast.Call)
                shown = ", ".join(ast.unparse(value) for value in case.args)
                found.append(Moved(named, f"`{shown}`", _holders(mark, constants), _has_others(statement)))
    if len(found) != sum(
        isinstance(node, ast.Attribute) and ast.unparse(node) == MARK for node in ast.walk(tree)
    ):
        raise ValueError(f"{name}: {MARK} marks a test, a case (marks=) or a file (pytestmark); one does not")
    yield from found


def all_moved(root: Path = ROOT) -> list[Moved]:
    """Every use of the mark in the tests, by name."""
    found = []
    for path in sorted((root / "tests").rglob("*.py")):
        found += moved_in(path.relative_to(root).as_posix(), path.read_text(encoding="utf-8"))
    return found


def fault_of(moved: Moved, root: Path = ROOT) -> str:
    """What is wrong with what it names; nothing, if each is there and in every run."""
    if not moved.holders:
        return f"{moved.shown}: names no test that holds it in every run"
    for holder in moved.holders:
        why = _why_not_own(moved) if holder == OWN else why_not(holder, root)
        if why:
            return f"{moved.shown}: {holder} {why}"
    return ""


def as_table(all_of_them: Sequence[Moved]) -> str:
    """Markdown: what moved, and what holds it."""
    rows = [
        f"| {moved.shown} | {', '.join(each if each == OWN else f'`{each}`' for each in moved.holders)} |"
        for moved in all_of_them
    ]
    return "\n".join(["| in `make test-full` alone | held in every run by |", "|---|---|", *rows]) + "\n"


def why_not(holder: str, root: Path = ROOT) -> str:
    """Why this test or file holds nothing in every run, in words that follow its name; nothing, if it does."""
    file, _, test = holder.partition("::")
    path = root / file
    if not path.is_file():
        return "is not there"
    if file.startswith("phone/tests/") and file.endswith(".test.ts"):
        return "" if test in path.read_text(encoding="utf-8") else "is not there"
    if not (file.startswith("tests/") and path.name.startswith("test_") and path.suffix == ".py"):
        return "is no test"
    in_every_run = _tests_of(path)
    if test and test not in in_every_run:
        return "is not there"
    if not (in_every_run[test] if test else any(in_every_run.values())):
        return "is itself in the full run alone"
    return ""


def _why_not_own(moved: Moved) -> str:
    return "" if moved.has_others else "are said to hold it, and there are none"


@cache
def _tests_of(path: Path) -> dict[str, bool]:
    """The tests of a file, and whether any of their cases is in every run."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    tests = [each for each in tree.body if isinstance(each, _Function) and each.name.startswith("test_")]
    if any(_of_module(tree)):
        return {test.name: False for test in tests}
    return {test.name: not any(map(_is_mark, test.decorator_list)) and _has_others(test) for test in tests}


def _has_others(statement: ast.stmt) -> bool:
    """Whether no list of cases in it is marked from beginning to end."""
    lists = [
        node.elts for node in ast.walk(statement) if isinstance(node, ast.List | ast.Tuple) and node.elts
    ]
    return not any(all(any(_marks_of(each)) for each in cases) for cases in lists)


def _of_module(tree: ast.Module) -> Iterator[ast.expr]:
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "pytestmark":
            yield from filter(_is_mark, _each_of(statement.value))


def _marks_of(case: ast.AST) -> Iterator[ast.expr]:
    """The marks of a `pytest.param`; of anything else none."""
    if isinstance(case, ast.Call) and ast.unparse(case.func) == "pytest.param":
        for keyword in case.keywords:
            if keyword.arg == "marks":
                yield from filter(_is_mark, _each_of(keyword.value))


def _each_of(value: ast.expr) -> list[ast.expr]:
    return value.elts if isinstance(value, ast.List | ast.Tuple) else [value]


def _is_mark(node: ast.expr) -> bool:
    return ast.unparse(node.func if isinstance(node, ast.Call) else node) == MARK


def _constants(tree: ast.Module) -> dict[str, tuple[str, ...]]:
    """Names of the module that stand for one text or several."""
    found = {}
    for statement in tree.body:
        if isinstance(statement, ast.Assign):
            texts = tuple(
                each.value
                for each in _each_of(statement.value)
                if isinstance(each, ast.Constant) and isinstance(each.value, str)
            )
            found |= {target.id: texts for target in statement.targets if isinstance(target, ast.Name)}
    return found


def _holders(mark: ast.expr, constants: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    found: tuple[str, ...] = ()
    for argument in mark.args if isinstance(mark, ast.Call) else ():
        value = argument.value if isinstance(argument, ast.Starred) else argument
        if isinstance(value, ast.Constant):
            found += (str(value.value),)
        elif isinstance(value, ast.Name):
            found += constants.get(value.id, ())
        else:
            found += (ast.unparse(value),)
    return found


if __name__ == "__main__":
    sys.stdout.write(as_table(all_moved()))
