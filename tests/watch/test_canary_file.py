"""The public key of the control presses, which watch leaves for the worker."""

from pathlib import Path

from egide.entrypoints.watch.canary import _publish


def test_one_that_is_there_with_the_same_key_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "canary.pub"
    _publish(path, "aa")
    before = path.stat().st_ino
    # After a restore it belongs to another account, in a folder where that one alone may replace it.
    _publish(path, "aa")
    assert (path.stat().st_ino, list(tmp_path.iterdir())) == (before, [path])
    _publish(path, "bb")
    assert path.read_text() == "bb"
