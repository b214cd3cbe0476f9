"""Numbers of files ("2026-048213") for pages that name files and open none: the package that keeps files tells."""

from collections.abc import Callable, Collection, Mapping

# Ids to numbers; and the id behind a number, "" for none.
NumbersOf = Callable[[Collection[str]], Mapping[str, str]]
IdOf = Callable[[str], str]
_tellers: list[tuple[NumbersOf, IdOf]] = []


def register(numbers_of: NumbersOf, id_of: IdOf) -> None:
    """Ask these two; call it from `AppConfig.ready`."""
    if (numbers_of, id_of) not in _tellers:
        _tellers.append((numbers_of, id_of))


def numbers(ids: Collection[str]) -> dict[str, str]:
    """The number of each file; an id that nobody knows (any more) stands for itself."""
    known = {case: number for tell, _find in _tellers for case, number in tell(ids).items()}
    return {case: known.get(case, case) for case in ids}


def id_of(text: str) -> str:
    """The id of the file with this number; the text itself when nobody knows it."""
    return next((found for _tell, find in _tellers if (found := find(text))), text)
