"""How processes speak to their parent (one JSON object a line on stdout), begin, and end.

Apart from `serving`, because air, button and companion have no use for a web server's memory.
"""

import asyncio
import ctypes
import faulthandler
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any

from egide.common.config import Config, NotSetUp
from egide.common.logs import begin as begin_log
from egide.entrypoints.serving.parts import sentence_for
from egide.journal.errors import JournalUnavailable

# Process id of the parent that a child must not outlive, when there is one.
PARENT_VARIABLE = "EGIDE_PARENT"
_PR_SET_PDEATHSIG, _PR_SET_NAME = 1, 15

Obey = Callable[[dict[str, Any]], Awaitable[None]]


class CommandError(ValueError):
    """A command that cannot be done, said back to its sender."""


def say(**fields: object) -> None:
    """One JSON line on standard output, at once. Where its reader is gone it is said to nobody: how long a process
    lives is not for whoever reads its lines to say."""
    try:
        sys.stdout.write(json.dumps(fields, separators=(",", ":")) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # Else the next line fails too, and so does the end of the process, which writes out what is left.
        nobody = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nobody, sys.stdout.fileno())
        os.close(nobody)


# Set by the units of an installation whose processes run under accounts of their own, with one group for what they
# share: the journal's files and doorbells. Keys are private by themselves.
_SHARED_UMASK = 0o007


def keep_files_private() -> None:
    """Only its own account may read what this process writes from now on: databases, keys, sockets. Under systemd's
    UMask=0007 its group may too."""
    if os.umask(0o077) == _SHARED_UMASK:
        os.umask(_SHARED_UMASK)


def prepare() -> None:
    """What every process does first: private files, warnings on standard error, and no life beyond the parent's.

    SIGUSR1 and a crash of the interpreter itself write where each thread stands to standard error: files, lines and
    functions, no values.
    """
    faulthandler.enable()
    faulthandler.register(signal.SIGUSR1)
    keep_files_private()
    sys.excepthook = _show_error
    begin_log(is_json=Config.from_env().log_json)
    parent = os.environ.get(PARENT_VARIABLE)
    if parent is not None:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != int(parent):
            sys.exit("the process that started this one is gone")


def when_told_to_end(do: Callable[[], object], *numbers: signal.Signals) -> None:
    """Call `do` once SIGTERM, SIGINT or one of `numbers` comes, however often it comes, in a thread of its own.

    Python runs a handler in the midst of what the main thread does: one that set an event there while that thread
    waited for it, or was setting it for the signal before, would wait for its lock for ever. Linux sends the signal of
    a parent's death once for each of the parent's threads.
    """
    heard, told = os.pipe()
    os.set_blocking(told, False)
    signal.set_wakeup_fd(told, warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT, *numbers):
        signal.signal(number, lambda *_: None)

    def wait() -> None:
        os.read(heard, 1)
        do()

    threading.Thread(target=wait, name="told-to-end", daemon=True).start()


def name_process(name: str) -> None:
    """What `ps -o comm` and `top` call it: up to 15 letters."""
    ctypes.CDLL(None).prctl(_PR_SET_NAME, name.encode())


def _show_error(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """What somebody has to set right is a sentence, not a trace."""
    told = str(error) if isinstance(error, NotSetUp | JournalUnavailable) else sentence_for(error)
    if told is not None:
        sys.stderr.write(f"{told}\n")
    else:
        sys.__excepthook__(kind, error, trace)


def quiet_stack() -> None:
    """Silence bumble's warnings of what is ordinary here, such as a notification before the subscription."""
    logging.getLogger("bumble").setLevel(logging.ERROR)


async def until_told_to_end() -> None:
    """Wait for SIGTERM or SIGINT."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    await told.wait()


async def obey(reader: asyncio.StreamReader, do: Obey) -> None:
    """Carry out the commands of one stream, a JSON object a line, until it ends; what cannot be done is answered."""
    while line := await reader.readline():
        try:
            await do(json.loads(line))
        except (CommandError, ValueError, TypeError, AttributeError) as error:
            say(error=str(error), command=line.decode(errors="replace").strip())


async def obey_stdin(do: Obey) -> None:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    try:
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    except ValueError:
        # A file or /dev/null: no pipe to listen to.
        return
    await obey(reader, do)
