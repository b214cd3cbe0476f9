"""What compiled Java calls and defines, whether it stands in class files or in a dex: what the lint judges."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tools.android.class_files import ClassFile
from tools.android.dex import Class, Dex, Method


@dataclass
class Program:
    """Every class that is defined, by its name, and every method that is called."""

    classes: dict[str, Class] = field(default_factory=dict)
    called: set[Method] = field(default_factory=set)


def of_dex(data: bytes) -> Program:
    """Raises DexError. A method that is defined counts as called: the format does not tell them apart."""
    dex = Dex(data)
    return Program(dex.classes, set(dex.methods))


def of_classes(files: Iterable[Path]) -> Program:
    """Raises ValueError for what is no class file."""
    program = Program()
    for file in files:
        read = ClassFile(file.read_bytes())
        program.classes[read.name] = Class(read.name, read.parent, read.interfaces, read.methods)
        program.called |= read.called
    return program
