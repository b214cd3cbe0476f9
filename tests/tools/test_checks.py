"""One fault of one tool fails `make check`, and the others are asked all the same."""

import pytest

from tools import checks


def test_one_fault_fails_and_all_are_asked(capsys: pytest.CaptureFixture[str]) -> None:
    asked = []

    def answering(name: str, code: int) -> int:
        asked.append(name)
        return code

    wanted = {name: (lambda name=name: answering(name, int(name == "links"))) for name in checks.CHECKS}
    assert checks.main(wanted) == 1
    assert asked == list(checks.CHECKS)
    assert capsys.readouterr().err == "make check: links: see above\n"
    assert checks.main({name: lambda: 0 for name in wanted}) == 0
