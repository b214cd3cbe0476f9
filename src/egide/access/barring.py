"""Barred readers (safety rule 27): which files must not exist for a reader, as the package that keeps files tells.

Pages ask for each file by `rules.is_barred`; this is for what cannot: the live stream, and lists of readings.
"""

from collections.abc import Callable, Iterable

from egide.access.rules import Scope
from egide.outbox.service import journal

Provider = Callable[[Scope], Iterable[str]]
_providers: list[Provider] = []


def register(provider: Provider) -> Provider:
    """Ask `provider(scope)` for the ids of the files that bar this reader; call it from `AppConfig.ready`."""
    if provider not in _providers:
        _providers.append(provider)
    return provider


def files_that_bar(scope: Scope) -> frozenset[str]:
    """The ids of all files that bar this reader."""
    return frozenset(case for provider in _providers for case in provider(scope))


def hidden_streams(scope: Scope) -> tuple[str, ...]:
    """The beginnings of the journal's streams that this reader must not hear of."""
    cases = sorted(files_that_bar(scope))
    if not cases:
        return ()
    marks = ",".join("?" * len(cases))
    sql = f"SELECT kit, device FROM kit LEFT JOIN device USING (kit) WHERE case_id IN ({marks})"
    found = journal().connection.execute(sql, cases).fetchall()
    kits = {f"kit:{kit}" for kit, _device in found}
    devices = {device for _kit, device in found if device}
    alarms = {f"{kind}:{device}" for device in devices for kind in ("alarm", "device")}
    return tuple(sorted({f"case:{case}" for case in cases} | kits | alarms))
