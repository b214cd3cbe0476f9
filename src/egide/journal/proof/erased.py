"""The list of erased cases, kept apart from every back-up: an older one would bring their keys back (safety rule 29).

Signed with the key of the checkpoints, which holds no key of a case: `CaseErased` stands in clear columns. A line
names a case by its random id, which the journal keeps for ever, and nobody.
"""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec

from egide.common.config import Config
from egide.common.encoding import NotJson, from_json
from egide.common.text import _
from egide.events.register import CaseErased
from egide.journal.errors import JournalError
from egide.journal.proof.lines import append_lines
from egide.protocol.keys import SigningKey, signature_is_valid

FORMAT = "egide-erased-1"
FILE_NAME = "erased.jsonl"
KIND = CaseErased.__name__
_STREAM = "erasing:"


class Erased(msgspec.Struct, frozen=True):
    """One line: the event `seq` of `at_us` erased this case."""

    format: str
    case: str
    seq: int
    at_us: int
    public_key: bytes
    signature: bytes

    @property
    def is_signed(self) -> bool:
        """Whether the signature is that of the key that the line names."""
        statement = _statement(self.case, self.seq, self.at_us)
        return signature_is_valid(self.public_key, statement, self.signature)


class NoList(JournalError):
    """There is no list of erased cases where one must be; the message says what to do."""


def read_erased(path: Path, covers: Callable[[bytes, int], bool]) -> tuple[list[Erased], int]:
    """The lines signed by a key that counts for their event, and how many others there are: torn by a power cut, or put
    there by somebody.

    Raises NoList: watch makes a list at its first start, so one that is not there was taken away.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        why = _(
            "The list of erased files {path} cannot be read ({why}); without it a back-up could bring one back."
        )
        raise NoList(why.format(path=path, why=error.strerror)) from error
    found, lines = [], data.splitlines()
    for line in lines:
        with suppress(NotJson):
            one = from_json(line, Erased)
            if one.format == FORMAT and covers(one.public_key, one.seq) and one.is_signed:
                found.append(one)
    return found, len(lines) - len(found)


class ErasedList:
    """The list of this machine and its copy in the second place. Used by one thread."""

    def __init__(self, config: Config, key: SigningKey) -> None:
        self._key = key
        self._file = config.data_dir / FILE_NAME
        self._place = Path(config.checkpoints_to) / FILE_NAME if config.checkpoints_to else None
        own = bytes(key.verify_key)
        self._known: set[str] = set()
        with suppress(NoList):
            # A new key signs all of them again: the journal is read from its start.
            found, _others = read_erased(self._file, lambda key, _seq: key == own)
            self._known = {one.case for one in found}
        self._is_copied = False

    @property
    def waits(self) -> bool:
        """Whether a line has not reached the second place."""
        return self._place is not None and not self._is_copied

    def note(self, stream: str, seq: int, at_us: int) -> None:
        """A `CaseErased` of this stream stands in the journal. Raises OSError."""
        case = stream.removeprefix(_STREAM)
        if case in self._known:
            return
        signature = self._key.sign(_statement(case, seq, at_us)).signature
        line = Erased(FORMAT, case, seq, at_us, bytes(self._key.verify_key), signature)
        append_lines(self._file, [msgspec.json.encode(line)])
        self._known.add(case)
        self._is_copied = False

    def copy(self) -> None:
        """Bring over what the second place lacks; the list exists there from now on. Raises OSError."""
        if self._place is None:
            return
        own = self._file.read_bytes().splitlines() if self._file.exists() else []
        there = set(self._place.read_bytes().splitlines()) if self._place.exists() else set()
        append_lines(self._place, [line for line in own if line not in there])
        self._is_copied = True


def _statement(case: str, seq: int, at_us: int) -> bytes:
    return f"{FORMAT}\t{case}\t{seq}\t{at_us}".encode()
