"""Surveys whose answers lead back to nobody: who may be asked, the single-use link, the answer, and what was answered.

What is kept, and why it cannot be put together again: docs/decisions/0020-surveys-that-cannot-be-traced.md.
"""

import random
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
import segno
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from egide.access.models import User
from egide.access.rules import REFERENCE_OFFICER, ZONE_OFFICER, Scope
from egide.common.files import secret_file
from egide.common.ids import new_id
from egide.evaluation.models import Asked, LinkUse, OfficerAsked, WaitingAnswer
from egide.evaluation.surveys import links, rules
from egide.evaluation.surveys.links import Link, NoSuchLink
from egide.evaluation.surveys.questions import BENEFICIARIES, EDITION, OFFICERS, Survey, read_survey
from egide.events.survey import SurveyAnswered, SurveyInvited
from egide.fleet import service as fleet
from egide.fleet.models import Kit, KitState
from egide.journal.sealing.keys import SYSTEM
from egide.outbox.service import clock, keys, offer

ROLES = (ZONE_OFFICER, REFERENCE_OFFICER)
_DAY_US = 86_400 * 1_000_000
_RANDOM_BITS = 62
_ROLE_OF = {BENEFICIARIES: "beneficiary", OFFICERS: "officer"}


class WrongCode(Exception):
    """The number does not belong to the link."""


class NothingAnswered(Exception):
    """No question was answered; the link stays good."""


class NotDue(LookupError):
    """This person may not be asked now, or not by this reader: nobody learns which."""


@dataclass(frozen=True)
class Due:
    """Somebody who may be asked now."""

    case: str
    name: str
    number: str
    asked_before: bool


@dataclass(frozen=True)
class Handed:
    """A fresh link with its number, and how the person is reached; shown once, kept by nobody."""

    way: fleet.SafeWay
    url: str
    code: str

    @property
    def qr(self) -> SafeString:
        """The link as SVG, drawn where it is shown."""
        drawn = segno.make(self.url, error="m", micro=False).svg_inline(
            border=4, omitsize=True, dark="#000", light="#fff"
        )
        # The library's own output, of an address that was made here.
        return mark_safe(drawn)


# Asking


def due_files(scope: Scope) -> list[Due]:
    """The people of this officer's zones who may be asked: those who have carried a kit for long enough."""
    out = _out(scope)
    asked = _last_asked(out)
    today = _today()
    due = [case for case, since in out.items() if rules.is_due(today, since, asked.get(case))]
    about = fleet.about_files(due)
    found = [Due(case, about[case].name, about[case].number, case in asked) for case in due if case in about]
    return sorted(found, key=lambda one: one.number)


@transaction.atomic
def do_hand_link(scope: Scope, case: str) -> Handed:
    """A link for the person of this file, with the safe way to hand it over; that the file was read is recorded.

    Raises NotDue, KeyErased.
    """
    since = _out(scope).get(case)
    if since is None or not rules.is_due(_today(), since, _last_asked([case]).get(case)):
        raise NotDue(case)
    way = fleet.safe_way_of(scope, case)
    Asked.objects.create(case=case, edition=EDITION, day=_today())
    _tell_invited(BENEFICIARIES, 1)
    url, code = _fresh(BENEFICIARIES)
    return Handed(way, url, code)


def officers_to_ask(scope: Scope) -> list[str]:
    """Accounts of this reference officer's zones that were not asked yet in this edition."""
    zones = scope.places(REFERENCE_OFFICER)
    known = set(OfficerAsked.objects.filter(edition=EDITION).values_list("user", flat=True))
    rows = User.objects.filter(
        is_active=True, memberships__role__in=ROLES, memberships__place__in=zones
    ).values_list("name", flat=True)
    return sorted(set(rows) - known)


@transaction.atomic
def do_ask_officers(scope: Scope) -> int:
    """Ask all of them; returns how many."""
    names = officers_to_ask(scope)
    OfficerAsked.objects.bulk_create(OfficerAsked(user=name, edition=EDITION) for name in names)
    if names:
        _tell_invited(OFFICERS, len(names))
    return len(names)


def may_answer(scope: Scope) -> bool:
    """Whether this officer was asked and has not taken the link yet."""
    return OfficerAsked.objects.filter(user=scope.user, edition=EDITION, has_link=False).exists()


@transaction.atomic
def do_take_link(scope: Scope) -> tuple[str, str]:
    """The officer's own link and its number, once. Raises NotDue."""
    row = OfficerAsked.objects.select_for_update().filter(user=scope.user, edition=EDITION, has_link=False)
    if not row.update(has_link=True):
        raise NotDue(scope.user)
    return _fresh(OFFICERS)


def _out(scope: Scope) -> dict[str, int]:
    """Files whose kit is out, with the day since when (since 1970); of nobody who died."""
    rows = fleet.kits_of_the_living(scope).filter(state=KitState.ISSUED, out_at_us__isnull=False)
    return {kit.case_id: _day(kit) for kit in rows.order_by("-out_at_us")}


def _day(kit: Kit) -> int:
    return (kit.out_at_us or 0) // _DAY_US


def _last_asked(cases: Mapping[str, object] | list[str]) -> dict[str, int]:
    rows = Asked.objects.filter(case__in=list(cases)).order_by("day").values_list("case", "day")
    return dict(rows)


def _tell_invited(audience: str, number: int) -> None:
    event = SurveyInvited(questionnaire=audience, version=_version(EDITION), role=_ROLE_OF[audience])
    for _one in range(number):
        offer(event, _stream())


def _fresh(audience: str) -> tuple[str, str]:
    link = links.make_link(_key(), audience, EDITION, _today())
    return settings.EGIDE.page(reverse("questions", args=[link.token])), links.code_of(_key(), link)


# Answering


def check_link(token: str) -> tuple[Link, Survey]:
    """The link that somebody came with, and its questions. Raises NoSuchLink when it is made up, expired or used."""
    link = links.check_token(_key(), token, _today())
    use = LinkUse.objects.filter(id=links.mark_of(_key(), link)).first()
    if use and (use.used or use.wrong_codes >= rules.WRONG_CODES):
        raise NoSuchLink
    return link, read_survey(link.audience, link.edition)


def check_code(link: Link, code: str) -> None:
    """Raises WrongCode; after five of them the link is dead."""
    if secrets.compare_digest("".join(code.split()).encode(), links.code_of(_key(), link).encode()):
        return
    with transaction.atomic():
        use, _made = LinkUse.objects.get_or_create(
            id=links.mark_of(_key(), link), defaults={"last_day": link.last_day}
        )
        use.wrong_codes += 1
        use.save(update_fields=["wrong_codes"])
    raise WrongCode


@transaction.atomic
def do_answer(link: Link, given: Mapping[str, str]) -> None:
    """Keep the answers and use the link up. Raises NothingAnswered, NoSuchLink when somebody was faster."""
    answers = read_survey(link.audience, link.edition).known(given)
    if not answers:
        raise NothingAnswered
    LinkUse.objects.filter(last_day__lt=_today()).delete()
    use, _made = LinkUse.objects.get_or_create(
        id=links.mark_of(_key(), link), defaults={"last_day": link.last_day}
    )
    if use.used:
        raise NoSuchLink
    LinkUse.objects.filter(id=use.id).update(used=True)
    row = WaitingAnswer(id=secrets.randbits(_RANDOM_BITS), audience=link.audience, edition=link.edition)
    row.answers_sealed = keys().record_key(SYSTEM).seal(msgspec.json.encode(answers), _label(row))
    row.save(force_insert=True)
    _release(link.audience, link.edition)


def waiting(audience: str, edition: str) -> int:
    """How many answers still wait for others: they count as answered, and nobody reads them yet."""
    return WaitingAnswer.objects.filter(audience=audience, edition=edition).count()


def _release(audience: str, edition: str) -> None:
    """Once enough wait, all go into the journal, in random order."""
    rows = list(WaitingAnswer.objects.filter(audience=audience, edition=edition))
    if len(rows) < rules.TOGETHER:
        return
    random.SystemRandom().shuffle(rows)
    for row in rows:
        plain = keys().record_key(SYSTEM).unseal(bytes(row.answers_sealed), _label(row))
        answers = msgspec.json.decode(plain, type=dict[str, str])
        event = SurveyAnswered(
            questionnaire=audience, version=_version(edition), role=_ROLE_OF[audience], answers=answers
        )
        offer(event, _stream())
    WaitingAnswer.objects.filter(id__in=[row.id for row in rows]).delete()


def _label(row: WaitingAnswer) -> bytes:
    return f"evaluation_waitinganswer:{row.id}".encode()


def _stream() -> str:
    """A stream of its own for each event: what was asked and what was answered have nothing in common."""
    return f"survey:{new_id()}"


def _version(edition: str) -> int:
    """ "2026-11" as 202611."""
    return int(edition.replace("-", ""))


def _key() -> bytes:
    return secret_file(settings.EGIDE.data_dir / "surveys.key", links.KEY_BYTES)


def _today() -> int:
    return clock().now_us() // _DAY_US


__all__ = ["NoSuchLink", "NotDue", "NothingAnswered", "WrongCode"]
