"""What a password may not be made of (OWASP ASVS 5.0, 6.1.2 and 6.2.11; NIST SP 800-63B, section 5.1.1.2)."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from egide.access.models import User

# Guessing begins with these: the name of the software, and what the service is called in its four languages.
WORDS_OF_THE_HOUSE = (
    "egide", "alarm", "alarme", "police", "politie", "polizei", "dispatch", "meldkamer", "centrale", "leitstelle",
    "parquet", "parket", "magistrat", "magistraat", "zone", "password", "motdepasse", "wachtwoord", "passwort",
    "welcome", "bienvenue", "welkom", "willkommen", "belgique", "belgie", "belgium", "belgien",
)  # fmt: skip
_OWN_SIGNS = 6
_HOUSE = re.compile("|".join(sorted(WORDS_OF_THE_HOUSE, key=len, reverse=True)))


class NoWordOfTheHouse:
    """Refuses a password that is little more than such words, digits and punctuation."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raises ValidationError when fewer than six letters of its own are left."""
        letters = "".join(sign for sign in password.casefold() if sign.isalpha())
        if _HOUSE.search(letters) and len(_HOUSE.sub("", letters)) < _OWN_SIGNS:
            raise ValidationError(self.get_help_text(), code="password_of_the_house")

    def get_help_text(self) -> str:
        return _("It is not made of words such as “alarm” or “police” and digits.")
