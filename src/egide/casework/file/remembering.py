"""What is looked for in files that are sealed on the disk: unsealed once, and kept in this process's memory until the
file changes or is erased.

On a disk it stands nowhere unsealed, and no index of it is kept there (`docs/decisions/0013-life-of-a-file.md`).
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from egide.journal.service import KeyStore
from egide.outbox.service import keys

T = TypeVar("T")
_CHUNK = 500


class Memory(Generic[T]):
    """`learn` says what is to be known of some files, by file; at most `most` are kept, for each key store."""

    def __init__(self, learn: Callable[[list[str]], Mapping[str, T]], most: int) -> None:
        self._read, self.most = learn, most
        self._stores: WeakKeyDictionary[KeyStore, dict[str, tuple[int, T]]] = WeakKeyDictionary()

    def of(self, versions: Mapping[str, int]) -> Iterator[tuple[str, T]]:
        """What is known of each of these files (id and version), in their order."""
        self.learn(versions)
        kept = self._kept()
        for case in versions:
            if (known := kept.get(case)) is not None:
                yield case, known[1]

    def learn(self, versions: Mapping[str, int]) -> int:
        """Read what is not known of these files, or was known of an earlier version; how many files that were."""
        # Erasures of other processes first: what was erased is neither found nor kept.
        keys().forget_erased()
        kept = self._kept()

        def unknown() -> list[str]:
            return [case for case, version in versions.items() if kept.get(case, (0,))[0] != version]

        if len(kept) + len(cases := unknown()) > self.most:
            kept.clear()
            cases = unknown()
        for start in range(0, len(cases), _CHUNK):
            chunk = cases[start : start + _CHUNK]
            kept |= {case: (versions[case], found) for case, found in self._read(chunk).items()}
        return len(cases)

    def _kept(self) -> dict[str, tuple[int, T]]:
        store = keys()
        kept = self._stores.get(store)
        if kept is None:
            kept = self._stores[store] = {}

            def forget(case: str) -> None:
                kept.pop(case, None)

            store.on_erased(forget)
        return kept
