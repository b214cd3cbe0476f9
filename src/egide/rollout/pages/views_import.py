"""The pages of the files that the roll-out takes."""

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from egide.access.rules import CLERK, COORDINATOR, MAGISTRATE, REFERENCE_OFFICER
from egide.access.service import ScopedRequest, for_roles
from egide.imports.views import ImportPage, import_page
from egide.rollout.duties import kept_by
from egide.rollout.imports import NUMBERS, TRAININGS, ZONES, duties_of

_ZONES = ImportPage(
    ZONES,
    gettext_lazy("Import zones"),
    gettext_lazy(
        "Each line is one police zone with its dispatch centre and prosecutor’s office. A zone that is not in the file"
        " stays as it is. Columns name_fr, name_nl and name_de may be added."
    ),
    "id;name;centre;office\n5324;Mons/Quévy;HAI;mons",
    "rollout",
)
_TRAININGS = ImportPage(
    TRAININGS,
    gettext_lazy("Import trainings"),
    gettext_lazy(
        "Each line is one person at one training. Course is police or magistrate; unit is the number of the zone or the"
        " code of the office; person is a staff number, never a name; passed is yes or no."
    ),
    "date;course;place;person;unit;passed\n2026-11-12;police;Jurbise;P-1042;5324;yes",
    "rollout",
)
_NUMBERS = ImportPage(
    NUMBERS,
    gettext_lazy("Import numbers"),
    gettext_lazy(
        "Each line is one telephone number. Kind is zone, centre or abroad; place is the number of the zone or the code"
        " of the centre that has it; name says who answers. Columns country (two letters, for a number abroad) and"
        " checked (the last day on which somebody rang it) may be added. One of the same name is replaced."
    ),
    "kind;place;name;number;country;checked\nzone;5324;Dispatch;+32 65 00 00 00;;2026-11-12",
    "telephones",
)


@require_http_methods(["GET", "POST"])
@for_roles(COORDINATOR, REFERENCE_OFFICER, MAGISTRATE, CLERK)
def import_duties(request: ScopedRequest) -> HttpResponse:
    """Rosters of the reader's own zone or office; the coordinator's of all."""
    page = ImportPage(
        duties_of(kept_by(request.scope)),
        _("Import a duty roster"),
        _(
            "Each line is one duty. Kind is zone or office; place is the number of the zone or the code of the office;"
            " name is how the person answers; from and until are moments here. One of the same begin and name is"
            " replaced. Column account may be added: the account that is reminded at once while the duty lasts."
        ),
        "kind;place;name;number;from;until;account\n"
        "office;mons;Substitut de garde;+32 65 00 00 00;2026-11-28 18:00;2026-11-30 08:00;mons-mag-1",
        "duties",
    )
    return import_page(request, page)


@require_http_methods(["GET", "POST"])
@for_roles(COORDINATOR)
def import_numbers(request: ScopedRequest) -> HttpResponse:
    """Numbers of zones, centres and neighbours abroad."""
    return import_page(request, _NUMBERS)


@require_http_methods(["GET", "POST"])
@for_roles(COORDINATOR)
def import_zones(request: ScopedRequest) -> HttpResponse:
    """Zones with their centre and office."""
    return import_page(request, _ZONES)


@require_http_methods(["GET", "POST"])
@for_roles(COORDINATOR)
def import_trainings(request: ScopedRequest) -> HttpResponse:
    """Who attended which training."""
    return import_page(request, _TRAININGS)
