"""Pure rules of access: what posts add up to, who may open a file, and when guessing is slowed down."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Literal

FAILURES_ALLOWED = 6
FAILURE_WINDOW_S = 300

OPERATOR, SUPERVISOR = "operator", "supervisor"
ZONE_OFFICER, REFERENCE_OFFICER = "zone-officer", "reference-officer"
MAGISTRATE, CLERK = "magistrate", "clerk"
COORDINATOR, STEERING, EVALUATOR = "coordinator", "steering", "evaluator"
ADMINISTRATOR, DATA_PROTECTION = "administrator", "data-protection"
SUPPORT = "support"
TEAM = "team"
# Where the name of an account is expected, a team without one has this before its call sign.
TEAM_PREFIX = "team:"

PlaceKind = Literal["centre", "zone", "office", ""]
# What the place of a role is; "" for a role that covers the whole country.
PLACE_OF: dict[str, PlaceKind] = {
    OPERATOR: "centre",
    SUPERVISOR: "centre",
    ZONE_OFFICER: "zone",
    REFERENCE_OFFICER: "zone",
    MAGISTRATE: "office",
    CLERK: "office",
    COORDINATOR: "",
    STEERING: "",
    EVALUATOR: "",
    ADMINISTRATOR: "",
    DATA_PROTECTION: "",
    SUPPORT: "",
}
ROLES = tuple(PLACE_OF)
# Those who keep accounts or review readings do nothing else: nobody checks themselves. A support worker belongs to no
# service.
HELD_ALONE = frozenset({ADMINISTRATOR, DATA_PROTECTION, SUPPORT})
# Roles whose work is with files of people; only they may give a reason to open another one.
FILE_ROLES = frozenset({OPERATOR, SUPERVISOR, ZONE_OFFICER, REFERENCE_OFFICER, MAGISTRATE, CLERK})
# Roles that can hear of a file, be it by its number, its kit or its traces: whom a file can bar (safety rule 27).
HEARING_ROLES = FILE_ROLES | {COORDINATOR, EVALUATOR, DATA_PROTECTION, SUPPORT}
# Who reads the figures inside the service, exact and by place; what leaves it are fixed tables (safety rule 34).
FIGURE_ROLES = (EVALUATOR, STEERING, COORDINATOR)
REASON_LENGTH = 10
# Roles of emergency accounts: not that of the person who reviews their use, and none that a protected person gives.
EMERGENCY_ROLES = frozenset(ROLES) - {DATA_PROTECTION, SUPPORT}
# Who keeps accounts or reviews readings keeps no half, nor does anybody outside of the services.
NO_HOLDERS = HELD_ALONE
# Who answers for a place: the second person of rule 41 is one of them, or the data-protection officer.
ANSWERS_FOR: dict[PlaceKind, str] = {"centre": SUPERVISOR, "zone": REFERENCE_OFFICER, "office": MAGISTRATE}


@dataclass(frozen=True)
class Post:
    """One role with its place: the code of a centre, zone or prosecutor's office, or "" for the whole country."""

    role: str
    place: str = ""


@dataclass(frozen=True)
class Scope:
    """What one user may see. Empty sets see nothing; there is no way to see everything.

    `centres`, `zones`, `offices` are the places of this user's posts, `alarms` single alarms (a team's),
    `supervisor` whether one of the posts is a supervisor's.
    """

    user: str
    title: str
    roles: frozenset[str] = frozenset()
    centres: frozenset[str] = frozenset()
    zones: frozenset[str] = frozenset()
    offices: frozenset[str] = frozenset()
    alarms: frozenset[str] = frozenset()
    supervisor: bool = False
    posts: frozenset[Post] = field(default=frozenset(), repr=False)
    # The one of several zones for which this person looks and speaks now; it widens nothing.
    chosen_zone: str = ""
    # Of an emergency account: the marks of the two people who opened it. What bars them bars it.
    behind: frozenset[str] = frozenset()

    @property
    def has_desk(self) -> bool:
        """Whether the operator's board is this person's place of work."""
        return bool(self.centres)

    @property
    def has_zone_page(self) -> bool:
        """Whether the page of a police zone is this person's place of work."""
        return bool(self.zones)

    @property
    def has_files(self) -> bool:
        """Whether files of people are this person's work: those of a zone or of a prosecutor's office."""
        return bool(self.zones or self.offices)

    @property
    def is_reference_officer(self) -> bool:
        """Whether this person keeps the files and kits of their zone."""
        return REFERENCE_OFFICER in self.roles

    @property
    def is_coordinator(self) -> bool:
        """Whether this person keeps the roll-out and the stock of the whole country."""
        return COORDINATOR in self.roles

    @property
    def is_evaluator(self) -> bool:
        """Whether this person sees pseudonymous facts, and no file."""
        return EVALUATOR in self.roles

    @property
    def is_administrator(self) -> bool:
        """Whether this person keeps accounts; sees no file and no alarm."""
        return ADMINISTRATOR in self.roles

    @property
    def is_data_protection_officer(self) -> bool:
        """Whether this person reviews who read what, and sees no content of it."""
        return DATA_PROTECTION in self.roles

    @property
    def is_support_worker(self) -> bool:
        """Whether this person sees nothing but what a protected person lets them see (safety rule 33)."""
        return SUPPORT in self.roles

    @property
    def zone(self) -> str:
        """The one zone of a zone officer, else the chosen one of several or their first, else an empty string."""
        return self.chosen_zone if self.chosen_zone in self.zones else min(self.zones, default="")

    @property
    def centre(self) -> str:
        """The one centre of a desk user, else the first of several, else an empty string."""
        return min(self.centres, default="")

    @property
    def office(self) -> str:
        """The one prosecutor's office, else the first of several, else an empty string."""
        return min(self.offices, default="")

    def holds(self, role: str, place: str) -> bool:
        """Whether this person has `role` at `place`: with several posts, a role counts only where it was given."""
        return Post(role, place) in self.posts

    def places(self, *roles: str) -> frozenset[str]:
        """The places where this person has one of `roles`."""
        return frozenset(post.place for post in self.posts if post.role in roles)

    def covers(
        self,
        centres: tuple[str, ...],
        zones: tuple[str, ...],
        *,
        routed: bool,
        alarm: str = "",
        stand_in: str = "",
    ) -> bool:
        """Whether something that concerns `centres` and `zones`, or is `alarm` itself, may be shown.

        What has no route yet goes to every supervisor, because somebody must see it; and to the centre that stands in
        once it has waited too long for a route.
        """
        if alarm in self.alarms or (not routed and (self.supervisor or stand_in in self.centres)):
            return True
        return bool(self.centres.intersection(centres) or self.zones.intersection(zones))


def is_complete(post: Post) -> bool:
    """Whether `post` names a known role and, where the role needs one, a place."""
    kind = PLACE_OF.get(post.role)
    return kind is not None and bool(kind) == bool(post.place)


def scope_for(user: str, title: str, posts: Iterable[Post]) -> Scope:
    """What `posts` add up to. Incomplete ones give nothing; a role that is held alone silences every other."""
    held = frozenset(filter(is_complete, posts))
    alone = frozenset(post for post in held if post.role in HELD_ALONE)
    held = alone or held

    def places(kind: PlaceKind) -> frozenset[str]:
        return frozenset(post.place for post in held if PLACE_OF[post.role] == kind)

    roles = frozenset(post.role for post in held)
    return Scope(
        user=user,
        title=title,
        roles=roles,
        centres=places("centre"),
        zones=places("zone"),
        offices=places("office"),
        supervisor=SUPERVISOR in roles,
        posts=held,
    )


def team_scope(call_sign: str, alarm: str) -> Scope:
    """What a team that was sent to one alarm sees: this alarm, and nothing else. It has no account."""
    roles, alarms = frozenset({TEAM}), frozenset({alarm})
    return Scope(user=TEAM_PREFIX + call_sign, title=call_sign, roles=roles, alarms=alarms)


@dataclass(frozen=True)
class OpenAlarm:
    """An alarm of a file that is open, or whose team still writes its report; the centres that it concerns."""

    alarm: str
    centres: frozenset[str]


@dataclass(frozen=True)
class FileFacts:
    """What decides who may open a file.

    `barred` names readers who must never see it (safety rule 27): "user:NAME", "centre:HAI", "zone:5324",
    "office:mons". `alarms` are those that run.
    """

    case: str
    zone: str
    office: str = ""
    barred: frozenset[str] = frozenset()
    alarms: tuple[OpenAlarm, ...] = ()


@dataclass(frozen=True)
class Opening:
    """The right to open a file, with what it rests on; `alarm` and `why` go into the event `FileOpened`."""

    basis: Literal["zone", "office", "alarm", "reason"]
    alarm: str | None = None
    why: str = ""


def may_agree(scope: Scope, posts: Collection[Post], account: str, asked_by: str) -> bool:
    """Whether this person may be the second one who lets `account` hold `posts`, or begin anew with them (rule 41).

    Never the person who asked, never for oneself, never an emergency account: it leaves nobody with a right. Anyone
    who answers for a place agrees to posts of that place alone.
    """
    if scope.user in (account, asked_by) or scope.behind:
        return False
    if scope.is_data_protection_officer:
        return True
    return bool(posts) and all(answers_for(scope, post) for post in posts)


def answers_for(scope: Scope, post: Post) -> bool:
    """Whether this person answers for the place of a post."""
    role = ANSWERS_FOR.get(PLACE_OF.get(post.role, ""))
    return role is not None and scope.holds(role, post.place)


def may_keep_half(posts: Collection[Post]) -> bool:
    """Whether somebody with these posts may keep one half of an emergency account."""
    return bool(posts) and not any(post.role in NO_HOLDERS for post in posts)


def is_barred(scope: Scope, barred: frozenset[str]) -> bool:
    """Whether this reader is barred by name or by any unit of theirs (safety rule 27)."""
    return bool(barred.intersection(reader_marks(scope)))


def reader_marks(scope: Scope) -> frozenset[str]:
    """The marks under which this reader can be barred: the account and each unit, also of the people behind it."""
    units = (("centre", scope.centres), ("zone", scope.zones), ("office", scope.offices))
    own = ({f"{kind}:{code}" for code in c} for kind, c in units)
    return frozenset({f"user:{scope.user}"}.union(scope.behind, *own))


def may_open_file(scope: Scope, facts: FileFacts) -> Opening | None:
    """The right that `scope` has to this file without giving a reason, None when it has none.

    Managing zone, prosecutor's office, and while an alarm runs its operators and team. Barring beats everything.
    """
    if is_barred(scope, facts.barred):
        return None
    if facts.zone in scope.zones:
        return Opening("zone")
    if facts.office in scope.offices:
        return Opening("office")
    for running in facts.alarms:
        if running.alarm in scope.alarms or running.centres & scope.centres:
            return Opening("alarm", alarm=running.alarm)
    return None


def may_break_glass(scope: Scope, facts: FileFacts, why: str) -> Opening | None:
    """The right to a file that is not this reader's, for a stated reason; None for the barred and other roles.

    The caller records `FileOpened` with the reason: that notifies the managing zone and the data-protection
    officer.
    """
    reason = " ".join(why.split())
    if is_barred(scope, facts.barred) or not scope.roles & FILE_ROLES or len(reason) < REASON_LENGTH:
        return None
    return Opening("reason", why=reason)


def must_wait(failures_at_us: list[int], now_us: int) -> bool:
    """Whether too many recent failures of a name and address keep a further try from being looked at."""
    since_us = now_us - FAILURE_WINDOW_S * 1_000_000
    return sum(1 for at_us in failures_at_us if at_us > since_us) >= FAILURES_ALLOWED
