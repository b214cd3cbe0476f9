"""Results of measures, kept in memory while the records stand: a page that was shown once is shown again at once."""

import threading
from dataclasses import dataclass, field

from egide.evaluation import service
from egide.evaluation.service import COUNTRY, Period, Places, Query, Records, Result

_MOST_KEPT = 4000


@dataclass
class _Kept:
    records: Records | None = None
    results: dict[tuple[str, Query], Result] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


_kept = _Kept()


def results(
    period: Period, places: Places = COUNTRY, ids: tuple[str, ...] = (), by: str = ""
) -> dict[str, Result]:
    """What `service.compute` gives, without computing anything twice. Raises what it raises."""
    query = Query(period, places, by)
    records = service.records()
    with _kept.lock:
        if _kept.records is not records or len(_kept.results) > _MOST_KEPT:
            _kept.records, _kept.results = records, _prepared()
        known = {name: _kept.results[name, query] for name in ids if (name, query) in _kept.results}
    missing = tuple(name for name in ids if name not in known)
    if missing or not ids:
        found = service.compute(period, places, missing, by)
        with _kept.lock:
            if _kept.records is records:
                _kept.results |= {(name, query): result for name, result in found.items()}
        known |= found
    return {name: known[name] for name in ids or known}


def _prepared() -> dict[tuple[str, Query], Result]:
    """What was computed when the records were built."""
    return {
        (name, Query(Period.parse(period), COUNTRY)): result
        for period, results in service.prepared().items()
        for name, result in results.items()
    }
