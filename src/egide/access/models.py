"""Accounts: who signs in, with which posts, and since when their sessions count."""

from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from egide.access import rules
from egide.outbox.fields import SealedText


class Role(models.TextChoices):
    """What somebody is here for. An administrator keeps accounts and sees no file and no alarm."""

    OPERATOR = rules.OPERATOR, _("Operator")
    SUPERVISOR = rules.SUPERVISOR, _("Supervisor")
    ZONE_OFFICER = rules.ZONE_OFFICER, _("Zone officer")
    REFERENCE_OFFICER = rules.REFERENCE_OFFICER, _("Reference officer of the zone")
    MAGISTRATE = rules.MAGISTRATE, _("Magistrate")
    CLERK = rules.CLERK, _("Clerk of the prosecutor’s office")
    COORDINATOR = rules.COORDINATOR, _("National coordinator")
    STEERING = rules.STEERING, _("Steering committee")
    EVALUATOR = rules.EVALUATOR, _("Evaluator")
    ADMINISTRATOR = rules.ADMINISTRATOR, _("Administrator")
    DATA_PROTECTION = rules.DATA_PROTECTION, _("Data-protection officer")
    SUPPORT = rules.SUPPORT, _("Support worker")


class Accounts(BaseUserManager["User"]):
    """Makes accounts with a hashed password."""

    def create(
        self,
        *,
        password: str | None = None,
        role: str = "",
        centre: str = "",
        zone: str = "",
        office: str = "",
        **fields: str,
    ) -> "User":
        """A stored account, with one post when `role` is given; `password` is kept only as a hash.

        Without a password nobody can sign in until one is set.
        """
        user = self.model(**fields)
        user.set_password(password)
        user.save(using=self._db)
        if role:
            place = {"centre": centre, "zone": zone, "office": office, "": ""}[rules.PLACE_OF.get(role, "")]
            user.memberships.create(role=role, place=place)
        return user


class User(AbstractBaseUser):
    """One person's account. `name` is what they type; `title` is what colleagues see ("Operator 12").

    Sessions are bound to `sessions_epoch`: raising it ends all of them at once.
    """

    name = models.CharField(max_length=60, unique=True)
    title = models.CharField(max_length=80)
    language = models.CharField(max_length=2, default="fr")
    is_active = models.BooleanField(default=True)
    sessions_epoch = models.PositiveIntegerField(default=0)
    # Until then a password alone leads to where a second factor is set up; afterwards to nothing.
    invited_until_us = models.BigIntegerField(default=0)
    # Opened by the two halves of an emergency alone, for one shift (decision 0057).
    is_emergency = models.BooleanField(default=False, db_default=False)

    objects = Accounts()

    USERNAME_FIELD = "name"

    def __str__(self) -> str:
        return self.title

    def posts(self) -> list[rules.Post]:
        """The posts of this person; none once they left."""
        if not self.is_active:
            return []
        return [rules.Post(role, place) for role, place in self.memberships.values_list("role", "place")]

    def has_way_in(self) -> bool:
        """Whether the person has accepted their invitation: with a password, or by the authority's provider."""
        return self.has_usable_password() or self.is_linked()

    def is_linked(self) -> bool:
        """Whether a person of the authority's provider opens this account."""
        return bool(SocialAccount.objects.filter(user=self).exists())

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session is bound to (Django asks at every request): the password and the epoch."""
        bound = f"{self.sessions_epoch}:{self.password}"
        return salted_hmac("egide.access.session", bound, secret=secret, algorithm="sha256").hexdigest()


class Membership(models.Model):
    """A post: one role with its place, the code of a centre, zone or prosecutor's office ("" for the country)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role)
    place = models.CharField(max_length=32, blank=True)

    class Meta:
        ordering = ["role", "place"]
        constraints = [models.UniqueConstraint(fields=["user", "role", "place"], name="one_post_each")]
        indexes = [models.Index(fields=["role", "place"], name="access_post")]

    def __str__(self) -> str:
        return f"{self.role} {self.place}".strip()


class Invitation(models.Model):
    """A one-time link that was given to somebody; only its hash (hex SHA-256) is kept.

    `code_hash` is that of the other half, which the administrator handed over; empty for the first account of an
    installation. `failures` counts wrong codes.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="invitations")
    token_hash = models.CharField(max_length=64, unique=True)
    code_hash = models.CharField(max_length=64, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    expires_at_us = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.user_id}"


class AuthoritySession(models.Model):
    """A session here that began by one of the authority's provider, which may end it: `sid` is a mark of that one.

    `session` is the key of its row among Django's sessions, `stream` that of its events. Kept for two shifts.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="authority_sessions")
    sid = models.CharField(max_length=64, db_index=True)
    session = models.CharField(max_length=40)
    stream = models.CharField(max_length=40)
    began_us = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.user_id}"


class EmergencyHalf(models.Model):
    """One of the two halves that open an emergency account, and the account name of the person who keeps it.

    `secret_hash` is empty until that person took it, and again once it is void. After the account was first opened
    the half counts until `valid_until_us` (0: it was not opened yet).
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="halves")
    holder = models.CharField(max_length=60)
    secret_hash = models.CharField(max_length=64, blank=True)
    taken_at_us = models.BigIntegerField(default=0)
    valid_until_us = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["user", "holder"], name="one_half_each")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.holder}"


class EmergencyUse(models.Model):
    """An emergency account was opened: `first` and `second` kept its halves (account names).

    Open until `until_us`, or until `ended_at_us` where somebody ended it. Place and data-protection officer each take
    note.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="emergencies")
    first = models.CharField(max_length=60)
    second = models.CharField(max_length=60)
    opened_at_us = models.BigIntegerField()
    until_us = models.BigIntegerField()
    ended_at_us = models.BigIntegerField(default=0)
    ended_by = models.CharField(max_length=60, blank=True)
    place_noted_by = models.CharField(max_length=60, blank=True)
    officer_noted_by = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["until_us"], name="access_emergency_until")]

    def __str__(self) -> str:
        return f"{self.user_id}"

    def is_open_at(self, now_us: int) -> bool:
        """Whether the account is open by it."""
        return not self.ended_at_us and now_us < self.until_us


class AccountRequest(models.Model):
    """What an administrator asked for an account, and what a second person said (safety rule 41).

    `kind` is a word of `KINDS`, `state` of `STATES`. `posts` are lines of "role place", `holders` (lines of account
    names) those who would keep the halves of an emergency account. `code_hash` is that of the half
    of a new link which the administrator was shown. The place and the data-protection officer each take note.
    """

    INVITATION, POST, RENEWAL, EMERGENCY = KINDS = ("invitation", "post", "renewal", "emergency")
    OPEN, AGREED, REFUSED, WITHDRAWN = STATES = ("open", "agreed", "refused", "withdrawn")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="requests")
    kind = models.CharField(max_length=12)
    posts = models.TextField(blank=True)
    # The release of before knows no such column, and writes beside this one during an update.
    holders = models.TextField(blank=True, default="", db_default="")
    by = models.CharField(max_length=60)
    at_us = models.BigIntegerField()
    code_hash = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=12, default=OPEN)
    decided_by = models.CharField(max_length=60, blank=True)
    decided_at_us = models.BigIntegerField(default=0)
    place_noted_by = models.CharField(max_length=60, blank=True)
    officer_noted_by = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ["-at_us", "-id"]
        indexes = [models.Index(fields=["state", "-at_us"], name="access_request_state")]

    def __str__(self) -> str:
        return f"{self.kind} {self.user_id}"

    def wanted(self) -> list[rules.Post]:
        """The posts that it is about."""
        pairs = (line.partition(" ") for line in self.posts.splitlines())
        return [rules.Post(role, place) for role, _space, place in pairs]


class Reading(models.Model):
    """One `FileOpened` of the journal, for lists: `seq` finds the event, which alone holds the stated reason.

    Follows the journal and can be rebuilt from it; which file and alarm it was stands under seal. A reading is
    exceptional when it rests on a stated reason.
    """

    seq = models.BigIntegerField(primary_key=True)
    case = SealedText()
    zone = models.CharField(max_length=32, blank=True)
    user = models.CharField(max_length=120)
    at_us = models.BigIntegerField()
    alarm = SealedText(blank=True)
    is_exceptional = models.BooleanField(default=False)

    class Meta:
        ordering = ["-seq"]
        indexes = [
            models.Index(fields=["case", "seq"], name="access_reading_case"),
            models.Index(fields=["user", "seq"], name="access_reading_user"),
            models.Index(fields=["at_us"], name="access_reading_at"),
            models.Index(
                fields=["seq"], condition=models.Q(is_exceptional=True), name="access_reading_exceptional"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seq}"


class Noted(models.Model):
    """Somebody of the managing zone ("zone"), or the data-protection officer ("dpo"), took note of a reading."""

    reading = models.ForeignKey(Reading, on_delete=models.CASCADE, related_name="notes")
    side = models.CharField(max_length=4)
    by = models.CharField(max_length=60)
    at_us = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reading", "side"], name="noted_once_by_each_side")]

    def __str__(self) -> str:
        return f"{self.reading_id} {self.side}"


class Follower(models.Model):
    """How far in the journal a table of this package is, by seq."""

    name = models.CharField(max_length=20, primary_key=True)
    seq = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return self.name


class FailedSignIn(models.Model):
    """One failed attempt, under a hash of name and address: enough to slow guessing down, useless otherwise."""

    key = models.CharField(max_length=64)
    at_us = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["key", "at_us"])]
