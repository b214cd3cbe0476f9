"""The address of LoST among the pages. The zones' shapes are loaded only where the settings say that it is answered."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from egide.connectors.ng112.directory import Zones
from egide.connectors.ng112.views import answer_lost


@csrf_exempt  # a password is the right to ask: no browser and no cookie has a part in it
@require_POST
def lost(request: HttpRequest) -> HttpResponse:
    """What `egide.connectors.ng112.views` answers."""
    return answer_lost(request, _zones)


def _zones() -> Zones:
    from egide.connectors.ng112.zones import InForce

    return InForce(settings.EGIDE.zones_dir)


if settings.EGIDE.lost:
    # Before the first question: an emergency call waits for its answer.
    _zones()
