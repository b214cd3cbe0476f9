"""The files of a run's tests, read once, in the process that its workers are forks of: they find them loaded.

Each worker still collects the tests of these files itself, as pytest does: what it finds is its own.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from _pytest.config import _prepareconfig
from _pytest.pathlib import import_path

from tests.support.examples import do_choose

# They begin threads (polars) or keep a file open as they are loaded, and a fork would have neither. A file that needs
# one of them is read by each worker.
AFTER_THE_FORK = ("polars", "pyogrio", "pyproj")
TESTS, INSTALLED = "tests", "node_modules"


def do_read(arguments: Sequence[str]) -> None:
    """Load the files that these arguments of pytest name, by pytest's own import, which rewrites their assertions.

    What is wrong with a file is not said here: the worker that reads it again says it.
    """
    # Its plugins' hooks are not called: nothing is captured, chosen or watched in this process. It is given the folder
    # of all tests: what stands beside the files that it is given it reads at once, whatever that needs.
    options = [one for one in arguments if one.startswith("-")]
    config = _prepareconfig(["--capture=no", *options, TESTS])
    do_choose(config)
    named = [one for one in arguments if one not in options]
    with _missing(AFTER_THE_FORK):
        for path in files_of(named or config.args, config.rootpath):
            with suppress(Exception, pytest.skip.Exception):
                import_path(path, mode="prepend", root=config.rootpath, consider_namespace_packages=False)
    config._ensure_unconfigure()


def files_of(arguments: Sequence[str], root: Path) -> Iterator[Path]:
    """The files of tests below what is named, each behind the conftest.py of its folder and of those above."""
    for argument in arguments:
        named = root / argument.partition("::")[0]
        if not named.is_dir():
            yield from _with_conftests(named, root)
            continue
        for folder, names, files in os.walk(named):
            # In this order pytest reads them, too.
            names[:] = sorted(name for name in names if name != INSTALLED)
            for file in sorted(files):
                if file.startswith("test_") and file.endswith(".py"):
                    yield from _with_conftests(Path(folder, file), root)


def _with_conftests(file: Path, root: Path) -> Iterator[Path]:
    for folder in reversed(file.parents):
        if folder.is_relative_to(root) and (conftest := folder / "conftest.py").is_file():
            yield conftest
    yield file


@contextmanager
def _missing(names: Sequence[str]) -> Iterator[None]:
    """Meanwhile these are not found, unless they are loaded."""
    missing = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(missing))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in missing:
            del sys.modules[name]
