"""Size limits on functions, files and templates: quality is lost in the tail, so the tail is what is guarded."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from tools.tree import ROOT, find_files

FUNCTION_LINES = 60
FILE_LINES = 400
TEMPLATE_LINES, TEMPLATE_BYTES = 120, 160
SUFFIXES = (".py", ".ts", ".js", ".java", ".css")
# The start of a function in JavaScript or TypeScript: a declaration, a block-bodied arrow given a name, or a method.
SCRIPT_FUNCTION = re.compile(
    r"^(?P<indent>\s*)(export\s+)?(default\s+)?("
    r"(async\s+)?function\b\s*\*?\s*(?P<name>\w*)"
    r"|(const|let)\s+(?P<arrow>\w+)\s*=.*=>\s*\{\s*$"
    r"|(static\s+|async\s+|get\s+|set\s+)*(?!if\b|for\b|while\b|switch\b|catch\b)(?P<method>[#\w]+)\s*\([^;]*\{\s*$)"
)
# The same in Java: a method after its type, or a constructor; what it takes may go on over the next lines.
JAVA_FUNCTION = re.compile(
    r"^(?P<indent>\s+)(?!(return|else|new|throw|case|assert)\b)"
    r"(([\w<>\[\]?,.@]+ )+(?=[a-z])|(\w+ )?(?=[A-Z]))(?P<method>\w+)\([^;]*$"
)


STATEMENTS = (ast.stmt, ast.excepthandler, ast.match_case)


def python_functions(text: str) -> Iterator[tuple[str, int, int]]:
    """(name, first line, number of lines) of every function, docstring and decorators not counted."""
    # Functions stand among statements; what those are made of is most of a tree.
    nodes: list[ast.AST] = [ast.parse(text)]
    for node in nodes:
        nodes += (child for child in ast.iter_child_nodes(node) if isinstance(child, STATEMENTS))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            first = node.body[0]
            if ast.get_docstring(node, clean=False) is not None:
                lines -= (first.end_lineno or first.lineno) - first.lineno + 1
            yield node.name, node.lineno, lines


def braced_functions(text: str, head: re.Pattern[str]) -> Iterator[tuple[str, int, int]]:
    """The same for a language with braces, by indentation: a function ends where a brace closes at its own."""
    lines = text.splitlines()
    for number, line in enumerate(lines, start=1):
        found = head.match(line)
        if not found or line.rstrip().endswith(("}", "};")):
            continue
        closing = f"{found['indent']}}}"
        end = next(
            (n for n, later in enumerate(lines[number:], number + 1) if later.startswith(closing)), number
        )
        names = found.groupdict()
        name = names.get("name") or names.get("arrow") or names["method"] or "(anonymous)"
        yield name, number, end - number + 1


def template_faults(text: str, shown_as: str) -> Iterator[str]:
    """The same for a template; a long line hides what is shown when."""
    lines = text.splitlines()
    if len(lines) > TEMPLATE_LINES:
        yield f"{shown_as}: {len(lines)} lines, {TEMPLATE_LINES} at most: is it still one subject?"
    for number, line in enumerate(lines, start=1):
        if (size := len(line.encode())) > TEMPLATE_BYTES:
            yield f"{shown_as}:{number}: {size} bytes, {TEMPLATE_BYTES} at most"


def find_faults(path: Path, shown_as: str) -> Iterator[str]:
    """One sentence for each limit that the file breaks."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        yield from template_faults(text, shown_as)
        return
    length = text.count("\n")
    if length > FILE_LINES:
        yield f"{shown_as}: {length} lines, {FILE_LINES} at most: is it still one subject?"
    if path.suffix == ".css" or length < FUNCTION_LINES:
        return
    if path.suffix == ".py":
        functions = python_functions(text)
    else:
        functions = braced_functions(text, JAVA_FUNCTION if path.suffix == ".java" else SCRIPT_FUNCTION)
    for name, line, lines in functions:
        if lines > FUNCTION_LINES:
            yield f"{shown_as}:{line}: {name} has {lines} lines, {FUNCTION_LINES} at most"


def main(root: Path = ROOT) -> int:
    faults = [
        fault
        for path in find_files(root, *SUFFIXES, ".html")
        if "migrations" not in path.parts and (path.suffix != ".html" or "templates" in path.parts)
        for fault in find_faults(path, path.relative_to(root).as_posix())
    ]
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
