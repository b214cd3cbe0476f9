"""Reminds an account that wants it, by one look at what waits for it.

Never twice: what is about to be told is written down first, and taken back only where every road refused it. What
became of a message during whose sending the machine stopped nobody knows: it counts as told, and the next list has it.

Where a roster names an account, it is told at once while its duty lasts, and colleagues who have a daily list are left
in peace, as long as a road took what it was told (decision 0100).
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from zoneinfo import ZoneInfo

import msgspec
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import override

from egide.access.registries.tasks import Task, tasks_of
from egide.access.rules import CLERK, MAGISTRATE, REFERENCE_OFFICER, Scope
from egide.access.service import scope_of
from egide.boards.waking import devices
from egide.boards.waking.devices import Device
from egide.common.clock import utc
from egide.outbox.service import clock
from egide.reminders import rules, words
from egide.reminders.models import Reminder, Reminding
from egide.rollout.service import accounts_on_duty

# Months after which nobody asks any more of what somebody was reminded.
_KEPT_US = 90 * rules.DAY_US


class Letter(msgspec.Struct, frozen=True):
    """A mail of plain text to one address; `id` is the same when the same is sent again."""

    to: str
    subject: str
    text: str
    id: str


class NotSent(Exception):
    """A road did not take it now."""


@dataclass(frozen=True)
class Roads:
    """How people are reached: each call raises NotSent. None where the installation has no such road."""

    mail: Callable[[Letter], None] | None
    wake: Callable[[Device, str], None] | None


@dataclass
class Tally:
    """How many messages of a pass were taken by a road, and how many by none."""

    sent: int = 0
    failed: int = 0


def accounts() -> list[int]:
    """The accounts that are looked at, each by `do_remind`: who is on duty first, for the others count on them."""
    wanted = Reminding.objects.filter(user__is_active=True, user__is_emergency=False)
    first = accounts_on_duty()
    return sorted(wanted.values_list("user_id", flat=True), key=lambda user: (user not in first, user))


def do_remind(account: int, roads: Roads) -> Tally:
    """Remind this person, where something is due."""
    tally = Tally()
    row = Reminding.objects.filter(user_id=account).select_related("user").first()
    if row is not None:
        _Pass(row, roads, tally).do()
    return tally


def do_forget_old() -> None:
    """What was done months ago."""
    Reminder.objects.filter(closed_at_us__gt=0, closed_at_us__lt=clock().now_us() - _KEPT_US).delete()


class _Pass:
    """One look at one account."""

    def __init__(self, row: Reminding, roads: Roads, tally: Tally) -> None:
        self._row = row
        self._roads = roads
        self._tally = tally
        self._now_us = clock().now_us()
        self._now = utc(self._now_us).astimezone(ZoneInfo(settings.TIME_ZONE))

    def do(self) -> None:
        with override(self._row.user.language):
            self._do_tell_addresses()
            self._devices = devices.devices_of_account(self._row.user) if self._roads.wake else []
            has_mail = self._roads.mail is not None and self._row.address
            if has_mail or self._devices:
                self._do_tell_tasks()
            else:
                # Who is not looked at any more is nobody on whom colleagues count.
                Reminder.objects.filter(user=self._row.user, taken_at_us__gt=0).update(taken_at_us=0)

    def _do_tell_addresses(self) -> None:
        """The code for a new address, and a word for the one before it."""
        row = self._row
        is_due = row.code and not row.code_sent_us and self._now_us <= row.code_until_us
        if is_due and self._is_written(row.pending, words.code_letter(row.code), f"code-{row.code_until_us}"):
            # Only where it is still this one: somebody may have kept another address since.
            Reminding.objects.filter(pk=row.pk, code=row.code).update(code_sent_us=self._now_us)
        if row.former and self._is_written(row.former, words.former_letter(), f"former-{self._now_us}"):
            Reminding.objects.filter(pk=row.pk, former=row.former).update(former="")

    def _is_written(self, to: str, letter: tuple[str, str], what: str) -> bool:
        try:
            self._do_mail(to, *letter, what)
        except NotSent:
            self._do_note_failure()
            return False
        self._tally.sent += 1
        return True

    def _do_tell_tasks(self) -> None:
        scope = scope_of(self._row.user)
        marked = rules.marked(tasks_of(scope))
        known = self._known({mark for mark, _task in marked})
        new = [
            (mark, task) for mark, task in marked if rules.is_urgent(task, self._now_us) and mark not in known
        ]
        day = rules.day_of_list(self._now, self._row.list_hour)
        if day is not None and day != self._row.list_day and marked:
            # What is urgent stands in it, too: it is not told by a message of its own besides.
            self._do_tell(new, [task for _mark, task in marked], words.list_subject(len(marked)), day)
        elif self._row.at_once and (now := self._at_once(scope, new)):
            self._do_tell(now, [task for _mark, task in now], words.urgent_subject())

    def _at_once(self, scope: Scope, new: Sequence[tuple[str, Task]]) -> list[tuple[str, Task]]:
        """What is told now: to whoever is on duty for it in their quiet hours too; not what those on duty were told,
        where the next list has it."""
        if not new:
            return []
        on_duty = accounts_on_duty()
        mine = on_duty.pop(self._row.user_id, frozenset())
        if self._is_quiet():
            return [(mark, task) for mark, task in new if rules.is_called(task, mine)]
        has_list = self._row.list_hour is not None
        left = rules.left_to_those_on_duty(new, _told(scope, on_duty)) if has_list else frozenset()
        return [(mark, task) for mark, task in new if mark not in left or rules.is_called(task, mine)]

    def _is_quiet(self) -> bool:
        return rules.is_quiet(self._now, self._row.quiet_from, self._row.quiet_until)

    def _known(self, open_marks: set[str]) -> set[str]:
        """What was told before; what of it is done now is closed here."""
        told = dict(Reminder.objects.filter(user=self._row.user).values_list("mark", "closed_at_us"))
        done = [mark for mark, closed_at_us in told.items() if not closed_at_us and mark not in open_marks]
        Reminder.objects.filter(user=self._row.user, mark__in=done).update(closed_at_us=self._now_us)
        return set(told)

    def _do_tell(
        self,
        new: Sequence[tuple[str, Task]],
        tasks: Sequence[Task],
        subject: str,
        day: date | None = None,
    ) -> None:
        """Send a message of `tasks`, after `new` is written down as told; not where another pass was first."""
        if not self._do_claim(new, day):
            return
        try:
            self._do_send(subject, tasks, f"list-{day}" if day else new[0][0])
        except NotSent:
            with transaction.atomic():
                Reminder.objects.filter(user=self._row.user, at_us=self._now_us).delete()
                if day is not None:
                    Reminding.objects.filter(pk=self._row.pk).update(list_day=self._row.list_day)
            self._do_note_failure()

    def _do_claim(self, new: Sequence[tuple[str, Task]], day: date | None) -> bool:
        user = self._row.user
        rows = [Reminder(user=user, mark=mark, at_us=self._now_us) for mark, _task in new]
        unlisted = Reminding.objects.filter(pk=self._row.pk, list_day=self._row.list_day)
        try:
            with transaction.atomic():
                if day is not None and not unlisted.update(list_day=day):
                    return False
                Reminder.objects.bulk_create(rows)
        except IntegrityError:
            return False
        return True

    def _do_send(self, subject: str, tasks: Sequence[Task], what: str) -> None:
        """Over every road of the account. Raises NotSent where none took it."""
        text, tries = words.text_of(rules.lines_of(tasks)), []
        if self._roads.mail is not None and self._row.address:
            tries.append(_is_taken(partial(self._do_mail, self._row.address, subject, text, what)))
        for device in self._devices:
            tries.append(_is_taken(partial(self._do_wake, device, what)))
        if not any(tries):
            raise NotSent(what)
        Reminding.objects.filter(pk=self._row.pk).update(failed_at_us=0)
        Reminder.objects.filter(user=self._row.user, at_us=self._now_us).update(taken_at_us=self._now_us)
        self._tally.sent += 1

    def _do_mail(self, to: str, subject: str, text: str, what: str) -> None:
        if self._roads.mail is None:
            raise NotSent("mail")
        self._roads.mail(Letter(to, subject, text, f"{what}-{self._row.pk}"))

    def _do_wake(self, device: Device, what: str) -> None:
        if self._roads.wake is None:
            raise NotSent("wake")
        # No longer than a push service takes a name (RFC 8030, section 5.4).
        self._roads.wake(device, hashlib.sha256(what.encode()).hexdigest()[:32])

    def _do_note_failure(self) -> None:
        Reminding.objects.filter(pk=self._row.pk).update(failed_at_us=self._now_us)
        self._tally.failed += 1


def _told(scope: Scope, on_duty: Mapping[int, frozenset[str]]) -> dict[str, set[str]]:
    """What colleagues who are on duty now were told and have not done, with the places at which they are; of places
    where this person is a reference officer, a magistrate or a clerk, and only what a road took."""
    own = {f"zone:{zone}" for zone in scope.places(REFERENCE_OFFICER)}
    own |= {f"office:{office}" for office in scope.places(MAGISTRATE, CLERK)}
    colleagues = {account: places & own for account, places in on_duty.items() if places & own}
    rows = Reminder.objects.filter(user__in=colleagues, taken_at_us__gt=0, closed_at_us=0)
    told: dict[str, set[str]] = {}
    for account, mark in rows.values_list("user_id", "mark"):
        told.setdefault(mark, set()).update(colleagues[account])
    return told


def _is_taken(send: Callable[[], None]) -> bool:
    try:
        send()
    except NotSent:
        return False
    return True
