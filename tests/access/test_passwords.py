"""What a password may be made of: length, nothing common, nothing that everybody here would try first."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from egide.access.models import User
from tests.support.pages import Pages


@pytest.mark.parametrize(
    "password",
    [
        "egide-egide-2026",
        "Politie123456!",
        "alarm.alarm.alarm",
        "AlarmePolice2026",
        "anna.dubois-2026",
    ],
)
def test_words_of_the_house_digits_and_ones_own_name_are_refused(pages: Pages, password: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(password, User(name="anna.dubois"))


@pytest.mark.parametrize(
    "password",
    [
        "een fiets zonder bel",
        "correct alarm horse",
        "été à la mer du nord",
        "x" * 11 + "7" * 60,
        "политие под мостом",
    ],
)
def test_anything_else_of_twelve_signs_may_be_one_whatever_signs_it_has(pages: Pages, password: str) -> None:
    validate_password(password, User(name="anna.dubois"))
