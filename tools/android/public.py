"""The public API of Android as two pinned packages tell it: exact types from one, since which level from the other."""

import ast
import keyword
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.android.pinned import inside

# What a Python annotation of chaquopy's stubs means in a Java descriptor.
_PRIMITIVES = {
    "jint": "I",
    "jlong": "J",
    "jshort": "S",
    "jbyte": "B",
    "jchar": "C",
    "jfloat": "F",
    "jdouble": "D",
    "jboolean": "Z",
}
_ARRAYS = {f"JavaArrayJ{name[1:].capitalize()}": f"[{letter}" for name, letter in _PRIMITIVES.items()}
_BUILTIN = {"int": "I", "float": "D", "bool": "Z", "str": "Ljava/lang/String;", "None": "V"}
# Any type of object: a type variable says no more.
ANY = "*"
_PARAMETER = re.compile(r"\[*(?:L[^;]+;|[ZBCSIJFD])")


@dataclass(frozen=True)
class Signature:
    """A method by the descriptors of its parameters; `*` stands for any object."""

    owner: str
    name: str
    parameters: tuple[str, ...]


@dataclass
class Known:
    """A class of the framework: what it extends and implements, its methods by name."""

    parents: tuple[str, ...]
    methods: dict[str, list[Signature]]


def parameters(types: str) -> tuple[str, ...]:
    """Of a method's descriptor, one by one."""
    return tuple(_PARAMETER.findall(types[1 : types.index(")")]))


def fits(known: tuple[str, ...], asked: tuple[str, ...]) -> bool:
    """Whether a method with these parameters is the one that is asked for."""
    return len(known) == len(asked) and all(
        one == other or (one.endswith(ANY) and other[-1] == ";")
        for one, other in zip(known, asked, strict=True)
    )


class Framework:
    """All classes, read package by package as they are asked for."""

    def __init__(self, wheel: Path) -> None:
        self._files = inside(wheel)
        self._read: dict[str, dict[str, Known]] = {}

    def find(self, name: str) -> Known | None:
        """`android/app/Notification$Builder`; None for one that the public API does not have."""
        package = name.rpartition("/")[0]
        if package not in self._read:
            self._read[package] = dict(self._classes(package))
        return self._read[package].get(name)

    def lineage(self, name: str) -> Iterator[str]:
        """The class, then all that it extends and implements, nearest first."""
        waiting, seen = [name], set()
        while waiting:
            current = waiting.pop(0)
            if current in seen:
                continue
            seen.add(current)
            yield current
            known = self.find(current)
            waiting += known.parents if known else ()

    def declared(self, owner: str, name: str, types: str) -> Signature | None:
        """The method as the nearest class that has it declares it."""
        asked = parameters(types)
        lineage = [owner] if name == "<init>" else [*self.lineage(owner), "java/lang/Object"]
        for current in lineage:
            known = self.find(current)
            for signature in known.methods.get(name, ()) if known else ():
                if fits(signature.parameters, asked):
                    return signature
        return None

    def _classes(self, package: str) -> Iterator[tuple[str, Known]]:
        top, _, rest = package.partition("/")
        text = self._files.get("/".join([f"{top}-stubs", *([rest] if rest else []), "__init__.pyi"]))
        if text is not None:
            for node in ast.parse(text).body:
                if isinstance(node, ast.ClassDef):
                    yield from self._class(node, package, node.name)

    def _class(self, node: ast.ClassDef, package: str, name: str) -> Iterator[tuple[str, Known]]:
        whole = f"{package}/{name}"
        parents = tuple(
            found[1:-1] for base in node.bases if (found := descriptor(base, package)).startswith("L")
        )
        known = Known(parents, {})
        for item in node.body:
            if isinstance(item, ast.FunctionDef):
                signature = _signature(item, whole, package)
                known.methods.setdefault(signature.name, []).append(signature)
            elif isinstance(item, ast.ClassDef):
                yield from self._class(item, package, f"{name}${item.name}")
        yield whole, known


def _signature(node: ast.FunctionDef, owner: str, package: str) -> Signature:
    given = [
        each
        for each in (*node.args.posonlyargs, *node.args.args)
        if each.arg not in ("self", "cls") or each.annotation
    ]
    found = [descriptor(each.annotation, package) for each in given if each.annotation is not None]
    if node.args.vararg is not None and node.args.vararg.annotation is not None:
        found.append("[" + descriptor(node.args.vararg.annotation, package))
    # A name that is a word of Python's has a line behind it there.
    name = node.name[:-1] if keyword.iskeyword(node.name[:-1]) else node.name
    return Signature(owner, "<init>" if name == "__init__" else name, tuple(found))


def descriptor(node: ast.expr, package: str) -> str:
    """Of an annotation; of a union, its Java part."""
    if isinstance(node, ast.BinOp):
        members = [
            member
            for member in _members(node)
            if not (isinstance(member, ast.Constant) and member.value is None)
        ]
        names = [ast.unparse(member) for member in members]
        for name in names:
            if (primitive := _PRIMITIVES.get(name.rpartition(".")[2])) is not None:
                return primitive
        ours = [member for member, name in zip(members, names, strict=True) if name not in _BUILTIN]
        return descriptor(ours[0] if ours else members[0], package)
    if isinstance(node, ast.Subscript):
        outer = ast.unparse(node.value)
        if outer.endswith("JavaArray"):
            return "[" + descriptor(node.slice, package)
        return descriptor(node.value, package)
    return _named(ast.unparse(node), package)


def _members(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BinOp):
        return [*_members(node.left), *_members(node.right)]
    return [node]


def _named(name: str, package: str) -> str:
    last = name.rpartition(".")[2]
    if name in _BUILTIN:
        return _BUILTIN[name]
    if last in _ARRAYS:
        return _ARRAYS[last]
    if last in _PRIMITIVES:
        return _PRIMITIVES[last]
    if name.startswith("_"):
        return ANY
    if name in ("typing.Type", "type"):
        return "Ljava/lang/Class;"
    parts = name.split(".")
    # Packages are written small, classes are not.
    lead = [part for part in parts if part[:1].islower()]
    return f"L{'/'.join(lead) or package}/{'$'.join(parts[len(lead) :])};"


class Levels:
    """Since which level a class or a method exists, by the declarations for TypeScript."""

    def __init__(self, text: str) -> None:
        # Of the class itself under the name "".
        self._found: dict[tuple[str, str], list[tuple[tuple[str, ...], int]]] = {}
        self._constants: dict[tuple[str, str], tuple[str, int]] = {}
        path: list[tuple[str, int]] = []
        since = 1
        for line in text.splitlines():
            stripped = line.lstrip("\t")
            depth = len(line) - len(stripped)
            outer = max((level for _, level in path[:depth]), default=1)
            if match := _TYPE.match(stripped):
                # A module is a package, or the place of nested classes.
                path = [*path[:depth], (match[2], max(since, outer) if match[1] != "module" else outer)]
                self._note(path, "", (), path[-1][1])
            elif match := _SINCE.search(stripped):
                since = int(match[1])
                continue
            elif match := _CONSTANT.match(stripped):
                path_of = "/".join(part for part, _ in path[:depth])
                self._constants[path_of, match[1]] = (match[2], max(since, outer))
            elif match := _MEMBER.match(stripped):
                self._note(
                    path[:depth],
                    "<init>" if match[1] == "constructor" else match[1],
                    _types(match[2]),
                    max(since, outer),
                )
            elif stripped.startswith("*"):
                continue
            since = 1

    def _note(self, path: list[tuple[str, int]], name: str, types: tuple[str, ...], level: int) -> None:
        self._found.setdefault(("/".join(part for part, _ in path), name), []).append((types, level))

    def of_class(self, name: str) -> int | None:
        found = self._found.get((name.replace("$", "/"), ""))
        return max(level for _, level in found) if found else None

    def of_constant(self, owner: str, name: str) -> tuple[str, int] | None:
        """Its value, as TypeScript writes it, and its level."""
        return self._constants.get((owner.replace("$", "/"), name))

    def of_method(self, owner: str, name: str, types: str) -> int | None:
        """None where it is not told; of several that these types may mean, the one that says most, else the latest."""
        asked = parameters(types)
        known = self._found.get((owner.replace("$", "/"), name), [])
        levels = [
            (told.count("any"), level)
            for told, level in known
            if len(told) == len(asked) and all(map(_means, told, asked))
        ]
        surest = min((vague for vague, _ in levels), default=0)
        return max((level for vague, level in levels if vague == surest), default=None)


_TYPE = re.compile(r"(?:declare |export )?(?:abstract )?(module|class|interface) (\w+)")
_SINCE = re.compile(r"@since (\d+)")
_MEMBER = re.compile(r"(?:public |protected )?(?:static )?(\w+)(?:<[^(]*>)?\((.*)\)[:;]")
_CONSTANT = re.compile(r'(?:public |protected )?static (\w+): (-?\d+|"[^" ]*");')
_NESTED = re.compile(r"<[^<>]*>|\([^()]*\)|\{[^{}]*\}|/\*.*?\*/")


def _types(arguments: str) -> tuple[str, ...]:
    """Of each argument, without what stands in brackets behind it."""
    while (shorter := _NESTED.sub("", arguments)) != arguments:
        arguments = shorter
    return tuple(each.partition(":")[2].strip() for each in arguments.split(",") if ":" in each)


def _means(told: str, asked: str) -> bool:
    """Whether a type of TypeScript may be this one of Java."""
    if asked.startswith("["):
        return told.startswith("androidNative.Array")
    if asked in "ISJBFD":
        return told == "number"
    if asked == "Z":
        return told == "boolean"
    if asked in ("C", "Ljava/lang/String;", "Ljava/lang/CharSequence;"):
        return told in ("string", "any")
    return told == "any" or told == asked[1:-1].replace("/", ".").replace("$", ".")
