"""The stock: how many lie where, now or on a past day, against their use; one item with every move."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from egide.access.rules import COORDINATOR, STEERING, Scope
from egide.access.service import ScopedRequest, for_roles, titles
from egide.fleet import service
from egide.fleet.kits import words
from egide.fleet.models import Item
from egide.fleet.service import OFFICERS
from egide.fleet.stock import rules
from egide.fleet.stock.deliveries import DELIVERIES
from egide.fleet.stock.stock import MoveRefused, counts, counts_at, do_allocate, do_move
from egide.imports.views import ImportPage, import_page
from egide.outbox.days import end_of_us, today
from egide.outbox.service import clock
from egide.rollout.service import zone_names

PAGE = 50
# What an officer may do with what lies in their own zone; the rest is the coordinator's.
ZONE_MOVES = (rules.ZONE, rules.REPAIR, rules.LOST)
SHOWN_STATES = (rules.ZONE, rules.PREPARED, rules.ISSUED, rules.REPAIR, rules.LOST)


@dataclass
class Shelf:
    """One zone (or the central stock) in the table: numbers by kind and state."""

    zone: str
    name: str
    waiting: int = 0
    numbers: Counter[tuple[str, str]] = field(default_factory=Counter)

    def pairs(self) -> list[str]:
        """ "buttons / phones" for each state that is shown; what lies ready comes first."""
        ready = rules.ZONE if self.zone else rules.STOCK
        states = (ready, *SHOWN_STATES[1:])
        return [
            f"{self.numbers[rules.BUTTON, state]} / {self.numbers[rules.PHONE, state]}" for state in states
        ]

    @property
    def use(self) -> str:
        """ "3 of 8": buttons that are out, of those that could be."""
        used = self.numbers[rules.BUTTON, rules.ISSUED]
        return _("%(used)s of %(usable)s") % {"used": used, "usable": self.usable}

    @property
    def usable(self) -> int:
        """Buttons that could be in use: neither lost nor retired."""
        gone = (rules.LOST, rules.RETIRED)
        return sum(
            n for (kind, state), n in self.numbers.items() if kind == rules.BUTTON and state not in gone
        )


@require_GET
@for_roles(COORDINATOR, STEERING)
def stock(request: ScopedRequest) -> HttpResponse:
    """Stock against use by zone, today or at the end of a past day."""
    day, wrong = _day(request.GET.get("on", ""))
    return _stock(request, day, {"on": wrong} if wrong else {})


def _stock(request: ScopedRequest, day: date | None, errors: dict[str, object]) -> HttpResponse:
    hidden = service.hidden_kits(request.scope)
    found = counts(hidden) if day is None else counts_at(min(end_of_us(day), clock().now_us()), hidden)
    waiting = service.waiting_by_zone(request.scope) if day is None else Counter[str]()
    names = zone_names(*{zone for zone, _kind, _state in found if zone}, *waiting) if found or waiting else {}
    shelves = {zone: Shelf(zone, names.get(zone, zone), waiting[zone]) for zone in [*names]}
    shelves[""] = Shelf("", _("Central stock"))
    for (zone, kind, state), number in found.items():
        shelves[zone].numbers[kind, state] += number
    central = shelves.pop("")
    labels = [str(words.ITEM_STATES[state]) for state in SHOWN_STATES]
    context = {
        "scope": request.scope,
        "central": central,
        "central_cells": list(zip(labels, central.pairs(), strict=True)),
        "shelves": [
            (shelf, zip(labels, shelf.pairs(), strict=True))
            for shelf in sorted(shelves.values(), key=lambda shelf: shelf.name.casefold())
        ],
        "states": labels,
        "day": day,
        "errors": errors,
        "typed": request.POST or request.GET,
        "today": today(),
        "may_write": request.scope.is_coordinator,
        "zones": zone_names() if request.scope.is_coordinator else {},
        "retired": sum(number for (_zone, _kind, state), number in found.items() if state == rules.RETIRED),
    }
    return render(request, "fleet/stock.html", context, status=422 if errors else 200)


def _day(text: str) -> tuple[date | None, str]:
    """The past day asked for (None: now), and what is wrong with it."""
    if not text:
        return None, ""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None, _("This is not a day such as 2026-11-25.")
    return (day, "") if day <= today() else (None, _("This day is still to come."))


@require_POST
@for_roles(COORDINATOR)
def allocate(request: ScopedRequest) -> HttpResponse:
    """Send a number of items from the central stock to a zone; what is refused stays in its fields."""
    post = request.POST
    number = post.get("number", "").strip()
    try:
        count = int(number) if number.isascii() and number.isdecimal() and len(number) <= 3 else 0
        moved = do_allocate(post.get("kind", ""), count, post.get("zone", ""), request.scope.user)
    except MoveRefused as refused:
        return _stock(request, None, {refused.field: words.REFUSALS[refused.why]})
    done = ngettext("%(number)s item is allocated.", "%(number)s items are allocated.", moved)
    messages.success(request, done % {"number": moved})
    return redirect("stock")


@require_GET
@for_roles(COORDINATOR, *OFFICERS)
def items(request: ScopedRequest) -> HttpResponse:
    """Single items: all for the coordinator, those of their zones for officers."""
    asked = {name: request.GET.get(name, "") for name in ("zone", "state", "kind")}
    rows = service.items_of(request.scope)
    chosen = {name: value for name, value in asked.items() if value}
    if asked["zone"] == "-":
        chosen["zone"] = ""
    page = Paginator(rows.filter(**chosen), PAGE).get_page(request.GET.get("page"))
    context = {
        "scope": request.scope,
        "page": page,
        "asked": asked,
        "names": zone_names(*{item.zone for item in page if item.zone}) if page.object_list else {},
        "states": words.ITEM_STATES.items(),
        "kinds": words.ITEM_KINDS.items(),
        "zones": zone_names()
        if request.scope.is_coordinator
        else zone_names(*request.scope.places(*OFFICERS)),
        "lines": [(item, words.ITEM_KINDS[item.kind], words.ITEM_STATES[item.state]) for item in page],
    }
    return render(request, "fleet/items.html", context)


@require_http_methods(["GET", "POST"])
@for_roles(COORDINATOR, *OFFICERS)
def item(request: ScopedRequest, item: str) -> HttpResponse:
    """One button or phone: where it is, where it was, where it may go."""
    found = service.items_of(request.scope).filter(id=item).first()
    if found is None:
        raise Http404
    errors: dict[str, object] = {}
    if request.method == "POST":
        now, zone = request.POST.get("now", ""), request.POST.get("zone", "")
        try:
            if now not in _moves(request.scope, found):
                raise MoveRefused("now", "not-possible")
            own_zone = found.zone if not request.scope.is_coordinator else zone
            do_move(found.id, now, request.scope.user, zone=own_zone, why=request.POST.get("why", ""))
        except MoveRefused as refused:
            errors = {refused.field: words.REFUSALS[refused.why]}
        else:
            return redirect("stock-item", item)
    return _item(request, found, errors)


def _moves(scope: Scope, found: Item) -> list[str]:
    if scope.is_coordinator:
        return list(rules.moves_from(found.state))
    return [now for now in ZONE_MOVES if rules.may_move(found.state, now) and now != found.state]


def _item(request: ScopedRequest, found: Item, errors: dict[str, object]) -> HttpResponse:
    moves = list(found.moves.exclude(kit__in=service.hidden_kits(request.scope)).order_by("-id"))
    names = zone_names(*{move.zone for move in moves if move.zone}) if moves else {}
    by = titles(move.by for move in moves)
    own = {
        kit.id
        for kit in service.kits_of(request.scope).filter(id__in=[move.kit for move in moves if move.kit])
    }
    may = [(now, words.MOVES[now]) for now in _moves(request.scope, found)]
    context = {
        "scope": request.scope,
        "item": found,
        "kind": words.ITEM_KINDS[found.kind],
        "state": words.ITEM_STATES[found.state],
        "zone": names.get(found.zone, ""),
        "moves": [
            (
                move,
                words.ITEM_STATES[move.now],
                names.get(move.zone, ""),
                by.get(move.by, ""),
                move.kit in own,
            )
            for move in moves
        ],
        "may": may,
        "zones": zone_names() if request.scope.is_coordinator else {},
        "errors": errors,
        # Where it can go nowhere any more, there is no field to lead to.
        "error_targets": {} if may else dict.fromkeys(errors, ""),
        "typed": request.POST,
    }
    return render(request, "fleet/item.html", context, status=422 if errors else 200)


_DELIVERY = ImportPage(
    DELIVERIES,
    gettext_lazy("Import a delivery"),
    gettext_lazy(
        "Each line is one button or phone: kind, the maker’s serial (for a phone its IMEI) and the model; sim is the"
        " number of the authority’s SIM card. A file that carries keys is refused: they are made at issue."
    ),
    "kind;serial;model;sim\nbutton;A0-17-44;Model B;\nphone;001017000000018;Model P;8932000000000000001",
    "stock",
)


@require_http_methods(["GET", "POST"])
@for_roles(COORDINATOR)
def import_delivery(request: ScopedRequest) -> HttpResponse:
    """A delivery, looked at first."""
    return import_page(request, _DELIVERY)
