"""Accounts: who signs in, in which role, for which centre or zone."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What somebody is here for. An administrator keeps accounts and sees no file and no alarm."""

    OPERATOR = "operator", _("Operator")
    SUPERVISOR = "supervisor", _("Supervisor")
    ZONE_OFFICER = "zone-officer", _("Zone officer")
    ADMINISTRATOR = "administrator", _("Administrator")


class Accounts(BaseUserManager["User"]):
    """Makes accounts with a hashed password."""

    def create(self, *, password: str, **fields: str) -> "User":  # type: ignore[override]
        """A stored account; `password` is kept only as a hash."""
        user = self.model(**fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """One person's account. `name` is what they type; `title` is what colleagues see ("Operator 12")."""

    name = models.CharField(max_length=60, unique=True)
    title = models.CharField(max_length=80)
    role = models.CharField(max_length=20, choices=Role)
    centre = models.CharField(max_length=8, blank=True)
    zone = models.CharField(max_length=32, blank=True)
    language = models.CharField(max_length=2, default="fr")
    is_active = models.BooleanField(default=True)

    objects = Accounts()

    USERNAME_FIELD = "name"

    def __str__(self) -> str:
        return self.title


class FailedSignIn(models.Model):
    """One failed attempt, under a hash of name and address: enough to slow guessing down, useless otherwise."""

    key = models.CharField(max_length=64)
    at_us = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["key", "at_us"])]
