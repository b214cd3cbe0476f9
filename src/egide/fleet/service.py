"""The face of this package: kits of a file and the gates before they leave. With `seeing`, what reads files here."""

from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace

import msgspec
from django.db import transaction
from django.db.models import Count, QuerySet

from egide.access.registries.barring import files_that_bar
from egide.access.rules import Scope
from egide.casework import models as files
from egide.casework import service as casework
from egide.casework.service import NoSuchFile, SafeWay, Standing
from egide.common.encoding import decoder_of
from egide.events.register import EnrolmentOffered, KitHandedOver, KitOpenedProvisionally
from egide.fleet.following import end_of
from egide.fleet.kits import kits, rules
from egide.fleet.kits.arming import check_none_stands
from egide.fleet.kits.kits import KitRefused, do_prepare, offer_enrolment
from egide.fleet.kits.lifeline import Heard, heard_of
from egide.fleet.models import OUT, Item, Kit, KitState, PressCheck, ProvisionalIssue
from egide.fleet.seeing import (
    OFFICERS,
    FileLine,
    NoSuchKit,
    about_files,
    cases_of,
    check_kit,
    file_lines,
    hidden_kits,
    items_of,
    kits_of,
    kits_of_the_living,
    kits_to_take_back,
)
from egide.fleet.stock.stock import free_items
from egide.fleet.supervision.rules import level_of
from egide.journal.queries.watched import watched_kits
from egide.journal.sealing.keys import KeyErased
from egide.outbox.days import today
from egide.outbox.service import clock, journal, keys, offer, until_copied
from egide.rollout import rules as rollout_rules
from egide.rollout import service as rollout

WAITING_SHOWN = 100


class GateClosed(Exception):
    """The kit stays: these gates are shut. Nothing was changed."""

    def __init__(self, gates: tuple[rules.Gate, ...]) -> None:
        super().__init__(", ".join(gate.name for gate in gates))
        self.gates = gates


class ProvisionalRefused(Exception):
    """Not even provisionally; `faults` are words of `words.PROVISIONAL_FAULTS`. Nothing was changed."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__(", ".join(faults))
        self.faults = faults


class OralYes(msgspec.Struct, frozen=True):
    """What was said on the telephone, as it is sealed."""

    magistrate: str
    why: str = ""


@dataclass(frozen=True)
class KitView:
    """A kit with everything that its page shows."""

    kit: Kit
    standing: Standing
    name: str
    gates: tuple[rules.Gate, ...]
    heard: Heard
    presses: dict[str, PressCheck]
    answers: dict[str, str]
    provisional: ProvisionalIssue | None
    magistrate: str

    @property
    def closed(self) -> tuple[rules.Gate, ...]:
        return tuple(gate for gate in self.gates if not gate.is_open)

    @property
    def is_second_way(self) -> bool:
        """Whether nothing but the kind of its phone keeps it here: then it may leave as a second way."""
        return self.heard.way == rules.SECOND_WAY and [gate.name for gate in self.closed] == [rules.WAY]

    @property
    def provisional_faults(self) -> tuple[str, ...]:
        """What stands in the way of even a provisional issue, people's part apart."""
        yes = rules.Yes("magistrate", clock().now_us(), "first", "second")
        return rules.provisional_faults(_facts(self), self.standing.is_minimal, yes, clock().now_us())


# Who sees what


def check_file(scope: Scope, case_id: str) -> Standing:
    """Where the file stands. Raises NoSuchKit when it is not for this reader."""
    if not cases_of(scope).filter(id=case_id).exists():
        raise NoSuchKit(case_id)
    return casework.standing_of(case_id)


def safe_way_of(scope: Scope, case_id: str) -> SafeWay:
    """How the person of this file is reached safely; the reading is recorded. Raises NoSuchKit, KeyErased."""
    check_file(scope, case_id)
    return casework.safe_way_of(scope, case_id)


def waiting_files(scope: Scope) -> list[FileLine]:
    """Granted and signed files of this officer for which no kit is out or being made ready, by what people answered."""
    rows = _without_kit(cases_of(scope))
    return file_lines(list(rows.order_by("-danger", "-urgent", "waiting_since_us")[:WAITING_SHOWN]))


def _without_kit(rows: QuerySet[files.Case]) -> QuerySet[files.Case]:
    taken = Kit.objects.filter(state__in=(KitState.PREPARED, *OUT))
    return rows.filter(stage="issue").exclude(id__in=taken.values("case_id"))


def waiting_by_zone(scope: Scope) -> Counter[str]:
    """How many files wait for their kit in each zone: numbers alone, for the keeper of the stock."""
    told = files.Case.objects.exclude(id__in=files_that_bar(scope))
    rows = _without_kit(told).values_list("managing_zone").annotate(number=Count("id"))
    return Counter(dict(rows))


@transaction.atomic
def do_watch_over_all() -> int:
    """Kits that went out before anybody watched over kits are watched over from now on; returns how many."""
    watched = watched_kits(journal())
    out = Kit.objects.filter(state__in=OUT).in_bulk()
    forgotten = [kit for id_, kit in out.items() if id_ not in watched]
    rows = files.Case.objects.in_bulk([kit.case_id for kit in forgotten])
    for kit in (kit for kit in forgotten if kit.case_id in rows):
        with suppress(KeyErased):
            kits.do_watch(kit, level_of(rows[kit.case_id].danger, rows[kit.case_id].urgent))
    return len(forgotten)


def names_of(case_ids: Iterable[str]) -> dict[str, str]:
    """The beneficiary's name of each of these files; the caller has asked `cases_of`."""
    return casework.names_of(list(case_ids))


def view_of(scope: Scope, kit_id: str) -> KitView:
    """A kit with its gates. Raises NoSuchKit, KeyErased."""
    kit = check_kit(scope, kit_id)
    provisional = ProvisionalIssue.objects.filter(kit=kit).first()
    heard = heard_of(kit.id)
    # A press that was proven with another phone proves nothing for this one.
    proven = kit.presses.filter(test_seq__gt=heard.enrolled_seq) if heard.is_enrolled else kit.presses.none()
    view = KitView(
        kit=kit,
        standing=casework.standing_of(kit.case_id),
        name=casework.names_of([kit.case_id]).get(kit.case_id, ""),
        gates=(),
        heard=heard,
        presses={check.condition: check for check in proven},
        answers=kits.answers_of(kit),
        provisional=provisional,
        magistrate=_yes_of(kit, provisional).magistrate if provisional else "",
    )
    return replace(view, gates=rules.gates(_facts(view)))


# Towards the gates


def offer_code(scope: Scope, kit_id: str) -> tuple[Kit, str]:
    """A new one-time code for a phone, which may use it from now on. Raises NoSuchKit, KitRefused."""
    kit = check_kit(scope, kit_id)
    if kit.state not in (KitState.PREPARED, *OUT):
        raise KitRefused("code", "not-possible")
    zone = casework.standing_of(kit.case_id).managing_zone
    can_lend = kit.state == KitState.PREPARED and bool(free_items(zone, "phone"))
    if fault := rules.enrolment_fault(kit.means, kits.answers_of(kit), can_lend):
        raise KitRefused("code", fault)
    code = offer_enrolment(kit)
    # Phones ask the journal for it: one that is quick would hear that its code is unknown.
    if not until_copied(kits.stream_of(kit), EnrolmentOffered):
        raise KitRefused("code", "not-taken-in")
    return kit, code


def prepare_kit(
    scope: Scope, case_id: str, button_id: str, phone_id: str = "", means: str = rules.LENT
) -> Kit:
    """Make a kit ready for a file, from what lies in the zone's cupboard. Raises NoSuchKit, KitRefused, MoveRefused."""
    standing = check_file(scope, case_id)
    if not standing.is_minimal:
        raise KitRefused("button", "minimal-file")
    if means not in rules.MEANS:
        raise KitRefused("means", "not-possible")
    return do_prepare(
        case=case_id,
        zone=standing.managing_zone,
        centre=standing.managing_centre,
        button=_item(button_id, "button", standing.managing_zone),
        phone=_item(phone_id, "phone", standing.managing_zone) if means == rules.LENT else None,
        means=means,
        by=scope.user,
        grant_ends_at_s=end_of(standing.grant_ends_on),
    )


def _item(item_id: str, kind: str, zone: str) -> Item:
    item = Item.objects.filter(id=item_id, kind=kind, zone=zone).first()
    if item is None:
        raise KitRefused(kind, "no-item")
    return item


def _facts(view: KitView) -> rules.GateFacts:
    standing, kit = view.standing, view.kit
    zone = rollout.zones(standing.managing_zone).get(standing.managing_zone)
    office = rollout.offices(standing.office).get(standing.office) if standing.office else None
    zone_missing = tuple(missing.what for missing in zone.missing) if zone else ("unknown",)
    return rules.GateFacts(
        file=standing.missing,
        decision=_decision_missing(standing),
        agreement=standing.agreement_signed,
        zone=tuple(what for what in zone_missing if what != rollout_rules.OFFICE_READY),
        office=tuple(missing.what for missing in office.missing) if office else ("unknown",),
        means=kit.means,
        doubts=rules.doubts_in(view.answers) if view.answers else ("not-asked",),
        is_enrolled=view.heard.is_enrolled,
        is_paired=view.heard.is_paired,
        client=view.heard.client,
        has_test=bool(view.heard.button_tests),
        presses=frozenset(view.presses),
    )


def _decision_missing(standing: Standing) -> tuple[str, ...]:
    if standing.is_granted and (standing.grant_ends_on is None or standing.grant_ends_on >= today()):
        return ()
    return (standing.decision if standing.decision not in ("", "granted") else "not-decided",)


# Through the gates


@transaction.atomic
def hand_over(scope: Scope, kit_id: str, is_told: bool = False) -> Kit:
    """The kit leaves the house, or a provisional one becomes an ordinary one. Raises NoSuchKit, GateClosed, KitRefused.

    Every gate is looked at again here, whatever a page has shown. A web page leaves as a second way, never otherwise,
    and only when the officer says that she was informed (`is_told`; safety rule 17).
    """
    view = view_of(scope, kit_id)
    if not view.is_second_way and view.closed:
        raise GateClosed(view.closed)
    if view.is_second_way and not is_told:
        raise KitRefused("told", "tell-her")
    kit, standing = view.kit, view.standing
    check_none_stands(kit)
    kits.do_put_out(kit, KitState.ISSUED, scope.user)
    ProvisionalIssue.objects.filter(kit=kit).update(settled_at_us=clock().now_us())
    kits.do_set_grant(kit, end_of(standing.grant_ends_on))
    handed = KitHandedOver(kit=kit.id, by=scope.user, way=view.heard.way)
    offer(handed, kits.stream_of(kit), kit.case_id)
    kits.do_watch(kit, level_of(standing.danger, standing.urgent))
    if standing.stage == "issue":
        casework.do_note_issued(scope, kit.case_id, kit.id)
    return kit


@transaction.atomic
def open_provisionally(scope: Scope, kit_id: str, magistrate: str, said_at_us: int, why: str) -> None:
    """The first of two signatures under a duty magistrate's oral yes (safety rule 25). The kit does not leave yet.

    Raises NoSuchKit, KitRefused, ProvisionalRefused.
    """
    view = view_of(scope, kit_id)
    if view.kit.state != KitState.PREPARED:
        raise KitRefused("kit", "moved-meanwhile")
    yes = rules.Yes(" ".join(magistrate.split()), said_at_us, scope.user, second="to come")
    _check_provisional(view, yes)
    said = OralYes(magistrate=yes.magistrate[:120], why=" ".join(why.split())[:500])
    sealed = keys().record_key(view.kit.case_id).seal(msgspec.json.encode(said), _yes_label(view.kit))
    row = {
        "yes_sealed": sealed,
        "said_at_us": said_at_us,
        "first": scope.user,
        "first_at_us": clock().now_us(),
    }
    ProvisionalIssue.objects.update_or_create(kit=view.kit, defaults=row)


@transaction.atomic
def sign_provisionally(scope: Scope, kit_id: str) -> Kit:
    """The second signature, by somebody else: the kit leaves for 72 hours.

    Raises NoSuchKit, KitRefused, ProvisionalRefused.
    """
    view = view_of(scope, kit_id)
    row = view.provisional
    if row is None or row.second:
        raise KitRefused("kit", "moved-meanwhile")
    kit, yes = view.kit, rules.Yes(view.magistrate, row.said_at_us, row.first, scope.user)
    _check_provisional(view, yes)
    check_none_stands(kit)
    kits.do_put_out(kit, KitState.PROVISIONAL, scope.user)
    row.second, row.until_us = scope.user, clock().now_us() + rules.PROVISIONAL_S * 1_000_000
    row.save(update_fields=["second", "until_us"])
    kits.do_set_grant(kit, row.until_us // 1_000_000)
    opened = KitOpenedProvisionally(
        kit=kit.id,
        magistrate=yes.magistrate,
        said_at_s=yes.said_at_us // 1_000_000,
        first=yes.first,
        second=yes.second,
        until_s=row.until_us // 1_000_000,
        missing=tuple(gate.name for gate in view.closed),
    )
    offer(opened, kits.stream_of(kit), kit.case_id)
    kits.do_watch(kit, level_of(view.standing.danger, view.standing.urgent))
    return kit


def _check_provisional(view: KitView, yes: rules.Yes) -> None:
    faults = rules.provisional_faults(_facts(view), view.standing.is_minimal, yes, clock().now_us())
    if faults:
        raise ProvisionalRefused(faults)


def _yes_of(kit: Kit, row: ProvisionalIssue) -> OralYes:
    plain = keys().record_key(kit.case_id).unseal(bytes(row.yes_sealed), _yes_label(kit))
    return decoder_of(OralYes).decode(plain)


def _yes_label(kit: Kit) -> bytes:
    return f"fleet_provisionalissue:{kit.id}".encode()


__all__ = [
    "OFFICERS",
    "GateClosed",
    "KitRefused",
    "KitView",
    "NoSuchFile",
    "NoSuchKit",
    "ProvisionalRefused",
    "SafeWay",
    "about_files",
    "cases_of",
    "check_file",
    "check_kit",
    "do_prepare",
    "do_watch_over_all",
    "hand_over",
    "hidden_kits",
    "items_of",
    "kits_of",
    "kits_of_the_living",
    "kits_to_take_back",
    "names_of",
    "offer_code",
    "offer_enrolment",
    "open_provisionally",
    "prepare_kit",
    "safe_way_of",
    "sign_provisionally",
    "view_of",
    "waiting_by_zone",
    "waiting_files",
]
