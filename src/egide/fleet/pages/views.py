"""The kits of a zone: what to do next, one kit with its gates, and the fragment that follows it live."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from egide.access.service import ScopedRequest, for_roles, titles
from egide.fleet import service
from egide.fleet.kits import arming, rules, words
from egide.fleet.kits.phone_settings import settings_of_kit, shown_fields
from egide.fleet.models import Kit, KitState
from egide.fleet.pages import native
from egide.fleet.pages.care import care_of
from egide.fleet.pages.life import MOMENTS_SHOWN, life_of, presses_of
from egide.fleet.pages.lines import lines_of
from egide.fleet.service import OFFICERS, KitView, NoSuchKit
from egide.fleet.stock.stock import free_items
from egide.fleet.supervision import words as words_watch
from egide.fleet.supervision.troubles import DONE, DUE, FAILED
from egide.outbox.service import clock
from egide.protocol.enrolment import CODE_LIFETIME_S
from egide.rollout.service import duty_magistrates, zone_names

View = Callable[..., HttpResponseBase]
ENDED_SHOWN = 20
# Where a fault of the whole kit is mended; other faults belong to the field of the same name.
ERROR_TARGETS = {"gates": "kit-live", "code": "enrolling", "condition": "presses", "kit": ""}
# Fields of a kit that is made ready, and of one that is out: on the other's page what is wrong leads nowhere.
ONLY_BEFORE, ONLY_OUT = ("phone", "condition", "magistrate", "said_at"), ("why",)


@dataclass(frozen=True)
class Condition:
    """A condition of safety rule 17 with what proves it."""

    word: str
    text: object
    check: object


def for_officers(view: View) -> View:
    """Let officers of a zone pass; a kit that is not theirs does not exist (404)."""

    @wraps(view)
    def guarded(request: ScopedRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except NoSuchKit as error:
            raise Http404 from error

    return for_roles(*OFFICERS)(guarded)


@require_GET
@for_officers
def index(request: ScopedRequest) -> HttpResponse:
    """The zone's kits, what is urgent first; the files that wait for one; the cupboard."""
    scope = request.scope
    lines = lines_of(list(service.kits_of(scope).select_related("provisional").order_by("-issued_at_us")))
    out = care_of([line for line in lines if line.kit.is_out])
    zones = scope.places(*OFFICERS)
    groups = {state: [line for line in lines if line.kit.state == state] for state in KitState.values}
    ended = [line for line in lines if line.kit.state in (KitState.RETURNED, KitState.LOST, KitState.UNDONE)]
    context = {
        "scope": scope,
        "provisional": groups[KitState.PROVISIONAL],
        "prepared": groups[KitState.PREPARED],
        "out": out,
        "tests": [
            (
                words_watch.TEST_STATES[state],
                sum(1 for care in out if care.health and care.health.test == state),
            )
            for state in (DONE, DUE, FAILED)
        ],
        "ended": ended[:ENDED_SHOWN],
        "waiting": service.waiting_files(scope),
        "cupboards": [
            {"name": name, "buttons": free_items(zone, "button"), "phones": free_items(zone, "phone")}
            for zone, name in zone_names(*sorted(zones)).items()
        ],
    }
    return render(request, "fleet/kits.html", context)


@require_GET
@for_officers
def kit(request: ScopedRequest, kit: str) -> HttpResponse:
    """One kit: its gates, enrolling, presses, and everything that happened to it."""
    return show(request, kit)


@require_GET
@for_officers
def live(request: ScopedRequest, kit: str) -> HttpResponse:
    """The part that follows the kit; 204 while nothing has changed, so that nothing moves under a finger."""
    context = live_context(service.view_of(request.scope, kit))
    if request.GET.get("seen") == context["seen"]:
        return HttpResponse(status=204)
    return render(request, "fleet/live.html", context | {"is_news": bool(context["gates"])})


def show(
    request: ScopedRequest,
    kit_id: str,
    errors: dict[str, object] | None = None,
    status: int = 200,
    code: str = "",
) -> HttpResponse:
    """The page of one kit, with what was wrong beside each field."""
    view = service.view_of(request.scope, kit_id)
    context = live_context(view) | {
        "scope": request.scope,
        "questions": [(word, words.QUESTIONS[word], view.answers.get(word)) for word in rules.QUESTIONS],
        "phones": free_items(view.standing.managing_zone, "phone"),
        "life": life_of(view.kit, view.heard),
        "life_shown": MOMENTS_SHOWN,
        "presses": presses_of(view.kit),
        "care": next(iter(care_of(lines_of([view.kit]) if view.kit.is_out else [])), None),
        **settings_context(view, request.POST, errors or {}),
        "duty": duty_magistrates(view.standing.managing_zone) if view.closed else [],
        "provisional_faults": [words.PROVISIONAL_FAULTS[fault] for fault in view.provisional_faults],
        "errors": errors or {},
        "typed": request.POST,
        **(code_context(request, code) if code else {}),
    }
    return render(request, "fleet/kit.html", context, status=status)


def settings_context(view: KitView, typed: Mapping[str, str], errors: Mapping[str, object]) -> dict[str, Any]:
    """The settings that reach the phone, and whether it took them."""
    found = settings_of_kit(view.kit.id, view.heard.device)
    fields = shown_fields(found, typed, errors)
    targets = ERROR_TARGETS | {field.name: f"set-{field.name}" for field in fields}
    targets |= dict.fromkeys(ONLY_OUT if view.kit.state == KitState.PREPARED else ONLY_BEFORE, "")
    if view.kit.means == rules.LENT:
        targets["phone"] = ""
    return {
        "phone_settings": found,
        "settings_fields": fields,
        "error_targets": targets,
        "settings_open": found.is_waiting or any(field.error for field in fields),
    }


def _places(kit: Kit) -> dict[str, str]:
    """Where an officer of the zone mends what keeps a gate shut; the other gates are somebody else's."""
    file = reverse("file", args=[kit.case_id])
    return {
        rules.FILE: file,
        rules.DECISION: file,
        rules.AGREEMENT: file,
        rules.PHONE: "#phone-check",
        rules.ENROLLED: "#enrolling",
        rules.PRESSES: "#presses",
    }


def live_context(view: KitView) -> dict[str, Any]:
    """What the live part shows. `seen` changes when it does."""
    kit, heard, provisional = view.kit, view.heard, view.provisional
    places = _places(kit)
    gates = [
        (
            gate,
            words.GATES[gate.name],
            words.missing_words(gate),
            words.MENDERS[gate.mender],
            places.get(gate.name, ""),
        )
        for gate in view.gates
    ]
    moves = (KitState.PREPARED, KitState.PROVISIONAL)
    may_arm = arming.may_arm(kit, heard)
    test = arming.standing_of(kit.id) if may_arm else arming.Standing()
    told = (kit.state, view.gates, heard, provisional and (provisional.first, provisional.second), test)
    return {
        "view": view,
        "kit": kit,
        "heard": heard,
        "gates": gates if kit.state in moves else [],
        "conditions": [
            Condition(word, words.CONDITIONS[word], view.presses.get(word))
            for word in rules.conditions_of(heard.way)
        ],
        "may_arm": may_arm,
        "test": test,
        "test_left_s": max(0, test.until_us - clock().now_us()) // 1_000_000,
        "speaks_every_min": settings_of_kit(kit.id, heard.device).settings.heartbeat_interval_s // 60
        if may_arm
        else 0,
        "shut": len(view.closed),
        "may_hand_over": kit.state in moves and not view.closed,
        "for_her": words.for_her() if kit.state in moves and view.is_second_way else [],
        "client": words.client_words(heard.client, heard.client_version),
        "way": heard.way,
        "not_allowed": [words.NOT_ALLOWED[what] for what in heard.refusals],
        "state": words.KIT_STATES[KitState(kit.state)],
        "means": words.MEANS[kit.means],
        "titles": titles([provisional.first, provisional.second] if provisional else []),
        "seen": hashlib.sha256(repr(told).encode()).hexdigest()[:16],
    }


def code_context(request: HttpRequest, code: str) -> dict[str, Any]:
    """What the fragment with a code shows: the code, for how long, two QR codes (ISO/IEC 18004) as SVG without style.

    The first opens the web app at its own address. The code is typed there: a browser's history keeps whatever an
    address says. The second is no address but a line for the app of an Android phone, which has no server's name in it.
    """
    app = settings.EGIDE.app_page()
    shown = {"code": code, "qr": native.drawn(app), "app": app, "minutes": CODE_LIFETIME_S // 60}
    line = f"{settings.EGIDE.intake_urls[0].removeprefix('https://')} {code}"
    return shown | {"native": native.for_officer(), "line": line, "line_qr": native.drawn(line, "qr-line")}
