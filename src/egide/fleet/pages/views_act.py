"""What officers do with a kit: make it ready, enrol, prove presses, ask whose phone it is, hand over, take back."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import wraps
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from egide.access.service import ScopedRequest
from egide.fleet import service
from egide.fleet.kits import arming, kits, rules, words
from egide.fleet.kits.phone_settings import do_set_settings, typed_settings
from egide.fleet.models import Item, KitState
from egide.fleet.pages.views import code_context, for_officers, show
from egide.fleet.service import GateClosed, KitRefused, ProvisionalRefused
from egide.fleet.stock.stock import LONGEST_REASON, MoveRefused, free_items

View = Callable[..., HttpResponseBase]


def act(view: View) -> View:
    """What an officer does with a kit; a refusal is said on its page, beside its field, and nothing is lost."""

    @require_POST
    @for_officers
    @wraps(view)
    def guarded(request: ScopedRequest, kit: str) -> HttpResponseBase:
        try:
            return view(request, kit)
        except (KitRefused, MoveRefused) as refused:
            return show(request, kit, {refused.field: words.REFUSALS[refused.why]}, 422)
        except ProvisionalRefused as refused:
            by_field = {"magistrate": "magistrate", "said-at": "said_at"}
            errors: dict[str, object] = {
                by_field[fault]: words.PROVISIONAL_FAULTS[fault]
                for fault in refused.faults
                if fault in by_field
            }
            others = [words.PROVISIONAL_FAULTS[fault] for fault in refused.faults if fault not in by_field]
            return show(request, kit, errors | ({"provisional": others} if others else {}), 422)
        except GateClosed as closed:
            names = ", ".join(str(words.GATES[gate.name]) for gate in closed.gates)
            error = _("The kit stays here. Not met yet: %(conditions)s.") % {"conditions": names}
            return show(request, kit, {"gates": error}, 422)

    return guarded


@require_http_methods(["GET", "POST"])
@for_officers
def prepare(request: ScopedRequest, case: str) -> HttpResponse:
    """Choose a button and a phone for a file."""
    standing = service.check_file(request.scope, case)
    errors: dict[str, object] = {}
    if request.method == "POST":
        chosen = {name: request.POST.get(name, "") for name in ("button", "phone", "means")}
        try:
            kit = service.prepare_kit(
                request.scope, case, chosen["button"], chosen["phone"], chosen["means"] or rules.LENT
            )
        except (KitRefused, MoveRefused) as refused:
            errors = {refused.field: words.REFUSALS[refused.why]}
        else:
            messages.success(request, _("The kit is bound to the file. Now enrol the phone."))
            return redirect("kit", kit.id)
    zone = standing.managing_zone
    buttons, phones = free_items(zone, "button"), free_items(zone, "phone")
    context = {
        "scope": request.scope,
        "standing": standing,
        "name": service.names_of([case]).get(case, ""),
        "buttons": buttons,
        "phones": phones,
        "means": words.MEANS.items(),
        "errors": errors,
        # What to take from the cupboard, until the officer says otherwise.
        "typed": request.POST or {"button": _first(buttons), "phone": _first(phones)},
    }
    return render(request, "fleet/prepare.html", context, status=422 if errors else 200)


def _first(items: Sequence[Item]) -> str:
    return items[0].id if items else ""


@act
def code(request: ScopedRequest, kit: str) -> HttpResponse:
    """Show a new one-time code and its QR; it is kept nowhere and cannot be shown again."""
    is_fragment = bool(request.headers.get("HX-Request"))
    try:
        found, fresh = service.offer_code(request.scope, kit)
    except KitRefused as refused:
        if not is_fragment:
            raise
        # htmx puts only what succeeded on the page.
        context = {"kit": service.check_kit(request.scope, kit), "refused": words.REFUSALS[refused.why]}
        return render(request, "fleet/code.html", context)
    if not is_fragment:
        return show(request, kit, code=fresh)
    return render(request, "fleet/code.html", {"kit": found} | code_context(request, fresh))


@act
def arm(request: ScopedRequest, kit: str) -> HttpResponse:
    """The next press of this kit's phone is a test, once the phone says that it is."""
    arming.do_arm(service.check_kit(request.scope, kit), request.scope.user)
    return redirect(f"{reverse('kit', args=[kit])}#presses")


@act
def take_back(request: ScopedRequest, kit: str) -> HttpResponse:
    """It is not, after all."""
    arming.do_take_back(service.check_kit(request.scope, kit), request.scope.user)
    return redirect(f"{reverse('kit', args=[kit])}#presses")


@act
def press(request: ScopedRequest, kit: str) -> HttpResponse:
    """The test that has just come in was pressed under this condition."""
    found = service.check_kit(request.scope, kit)
    kits.do_note_press(found, request.POST.get("condition", ""), request.scope.user)
    return redirect("kit", kit)


@act
def ask(request: ScopedRequest, kit: str) -> HttpResponse:
    """The answers to whose phone it is."""
    found = service.check_kit(request.scope, kit)
    answers = {question: request.POST.get(question, "") for question in rules.QUESTIONS}
    if kits.do_check_phone(found, answers, request.scope.user):
        messages.warning(request, _("There is a doubt: lend a phone with the authority’s SIM."))
    return redirect("kit", kit)


@act
def lend(request: ScopedRequest, kit: str) -> HttpResponse:
    """Lend a phone instead of her own."""
    found = service.check_kit(request.scope, kit)
    phone = Item.objects.filter(id=request.POST.get("phone", ""), kind="phone").first()
    if phone is None:
        raise KitRefused("phone", "no-item")
    kits.do_lend(found, phone, request.scope.user)
    messages.success(request, _("The phone is lent. Enrol it and test again."))
    return redirect("kit", kit)


@act
def hand_over(request: ScopedRequest, kit: str) -> HttpResponse:
    """Through every gate; a web page through the door of a second way."""
    service.hand_over(request.scope, kit, is_told=request.POST.get("told") == "yes")
    messages.success(request, _("The kit is handed out."))
    return redirect("kit", kit)


@act
def provisional(request: ScopedRequest, kit: str) -> HttpResponse:
    """The first signature under an oral yes."""
    said_at_us = _moment_us(request.POST.get("said_at", ""))
    post = request.POST
    # Whoever was chosen of those on duty; else the name that was typed.
    magistrate = post.get("on_duty") or post.get("magistrate", "")
    service.open_provisionally(request.scope, kit, magistrate, said_at_us, post.get("why", ""))
    messages.warning(
        request, _("A colleague must sign too, from their own account. The kit stays here until then.")
    )
    return redirect("kit", kit)


@act
def sign(request: ScopedRequest, kit: str) -> HttpResponse:
    """The second signature."""
    service.sign_provisionally(request.scope, kit)
    messages.success(request, _("The kit is handed out for 72 hours. What is missing is on the start page."))
    return redirect("kit", kit)


@act
def end(request: ScopedRequest, kit: str) -> HttpResponse:
    """The kit comes back, is lost, or never leaves."""
    found, user = service.check_kit(request.scope, kit), request.scope.user
    why = " ".join(request.POST.get("why", "").split())
    if len(why) > LONGEST_REASON:
        raise KitRefused("why", "too-long")
    how = request.POST.get("how", "")
    if how in ("faulty", "lost") and not why:
        raise KitRefused("why", "reason")
    if how == "undo":
        kits.do_undo(found, user)
    elif how == "lost":
        kits.do_lose(found, user, why)
    elif how in ("returned", "faulty"):
        kits.do_return(found, user, faulty=how == "faulty", why=why)
    else:
        raise KitRefused("why", "not-possible")
    return redirect("kit", kit)


def _moment_us(text: str) -> int:
    """A local time as the browser sends it ("2026-11-25T22:05"). Raises KitRefused."""
    try:
        local = datetime.fromisoformat(text)
    except ValueError as error:
        raise KitRefused("said_at", "said-at") from error
    return int(local.replace(tzinfo=ZoneInfo(settings.TIME_ZONE)).timestamp()) * 1_000_000


@act
def settings_of_phone(request: ScopedRequest, kit: str) -> HttpResponse:
    """Hold times, intervals and tail: the phone takes them from its next signed reply."""
    found = service.check_kit(request.scope, kit)
    if not (found.is_out or found.state == KitState.PREPARED):
        raise KitRefused("kit", "not-possible")
    do_set_settings(found, typed_settings(request.POST), request.scope.user)
    messages.success(
        request, _("Set. The phone takes it with its next sign of life; this page says when it did.")
    )
    return redirect("kit", kit)
