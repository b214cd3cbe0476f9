"""Versions of apps, compared part by part."""


def is_older(version: str, oldest: str) -> bool:
    """Whether `version` is below `oldest`, part by part; an unknown version or no demand is not older."""
    if not version or not oldest:
        return False
    return _parts(version) < _parts(oldest)


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int("".join(filter(str.isdigit, part)) or "0") for part in version.split("."))
