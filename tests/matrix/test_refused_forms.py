"""Every form of the office pages, filled in wrongly: the answer lists what is wrong, each fault a link to its field."""

from pathlib import Path

import pytest
from django.conf import settings
from django.http import HttpResponseBase

from egide.casework.models import Case
from egide.fleet.kits import rules
from egide.fleet.models import Kit, KitState
from tests.matrix import table
from tests.matrix.ask import body_of
from tests.matrix.world import Sample, World, routes
from tests.support.refusals import faults_of, most_fields

BOARDS = ("desk/", "zone/", "team/", "response/", "app/")
OFFICER, COORDINATOR, EVALUATOR, ADMINISTRATOR = (
    "reference-officer",
    "coordinator",
    "evaluator",
    "administrator",
)
PART, ROW, KIT = (
    "files/<slug:case>/<slug:part>/",
    "files/<slug:case>/<slug:part>/<slug:row>",
    "kits/<slug:kit>/",
)
BODY = "rollout/^(?P<kind>zone|office)/(?P<code>[A-Za-z0-9._-]{1,40})/$"
# Address of a form: who fills it in, what wrongly, and one of the fields to which the answer leads ("": to none).
REFUSED: dict[str, tuple[str, str, str]] = {
    "account/password": (OFFICER, "", "id_old_password"),
    "accounts/invite": (ADMINISTRATOR, "", "account-name"),
    "accounts/emergency": (ADMINISTRATOR, "", "first"),
    "accounts/<slug:name>/holders": (ADMINISTRATOR, "first=gent-44&second=gent-44", "first"),
    "accounts/<slug:name>/posts": (ADMINISTRATOR, "role=zone-officer&place=nowhere", "role"),
    "accounts/<slug:name>/close": (ADMINISTRATOR, "", "sure"),
    "import/accounts": (ADMINISTRATOR, "", "file"),
    "invitation/<str:token>": ("anonymous", "", "invitation-code"),
    "figures/export": (EVALUATOR, "format=", "format"),
    "figures/imports/<slug:kind>": (COORDINATOR, "", "file"),
    "figures/published/<int:year>/": (EVALUATOR, "", ""),
    "files/new": (OFFICER, "", "id_name"),
    "files/by-reason": (OFFICER, "", "id_name"),
    PART + "add": (OFFICER, "", "id_address"),
    ROW: (OFFICER, "", "id_address"),
    ROW + "/<slug:item>": (OFFICER, "", "id_text"),
    "files/<slug:case>/attach": (OFFICER, "", "id_title"),
    "files/<slug:case>/barred": (OFFICER, "do=find&text=a", "text"),
    "files/<slug:case>/decision": ("magistrate", "", "id_reasons"),
    "files/<slug:case>/photo/<slug:owner>": (OFFICER, "", "photo"),
    "files/<slug:case>/shared": (OFFICER, "", "reader"),
    "allowed/<slug:case>/": ("support", "", "kind"),
    "files/<slug:case>/death/<slug:death>": (OFFICER, "", "id_source"),
    "files/<slug:case>/step/<slug:name>": (OFFICER, "", "id_reasons"),
    "fleet/limits": (COORDINATOR, "", "battery-low"),
    "kits/for/<slug:case>": (OFFICER, "", "button"),
    KIT + "end": (OFFICER, "how=lost", "why"),
    KIT + "hand-over": (OFFICER, "", "kit-live"),
    KIT + "lend": (OFFICER, "", "phone"),
    KIT + "press": (OFFICER, "", "presses"),
    KIT + "provisional": (OFFICER, "", "said_at"),
    KIT + "settings": (OFFICER, "", "set-hold_ms"),
    KIT + "sign": (OFFICER, "", ""),
    KIT + "sources": (OFFICER, "kind=bthome&name=here&key=00", "name"),
    KIT + "sources/<slug:source>/end": (OFFICER, "", "devices"),
    BODY: (COORDINATOR, "withdraw=1&why=", "why"),
    "register/": (OFFICER, "text=x", "text"),
    "reminders/": (OFFICER, "list_hour=3&quiet_from=0&quiet_until=0", "list_hour"),
    "reminders/code": (OFFICER, "code=0", "code"),
    "shift/": ("operator", f"note={'x' * 2001}", "note"),
    "rollout/patrols/": (OFFICER, "zone=5324&call_sign=", "call_sign"),
    "rollout/import/duties": (COORDINATOR, "", "file"),
    "rollout/import/numbers": (COORDINATOR, "", "file"),
    "rollout/import/trainings": (COORDINATOR, "", "file"),
    "rollout/import/zones": (COORDINATOR, "", "file"),
    "rollout/numbers/<slug:kind>/<str:place>/": (OFFICER, "", "name"),
    "stock/allocate": (COORDINATOR, "number=0", "number"),
    "stock/import": (COORDINATOR, "", "file"),
    "stock/items/<slug:item>/": (OFFICER, "", ""),
}
# What is asked by an address, with what is wrong in it.
ASKED = {
    "/stock/?on=monday": (COORDINATOR, "on"),
    "/fleet/?zone=nowhere": (COORDINATOR, "zone"),
    "/figures/?from=2023-13&to=2023-10": (EVALUATOR, "from"),
    "/figures/measure/kits-in-use?from=2023-13&to=2023-10": (EVALUATOR, "from"),
    "/figures/outputs?from=2023-13&to=2023-10": (EVALUATOR, "from"),
}
# Buttons with nothing to fill in, searches that find nothing, and the gates before the offices, of one field each.
NOTHING_TO_FILL_IN = {
    "account/end-sessions",
    "account/passkeys/<int:pk>/remove",
    "account/passkeys/add",
    "account/app/add",
    "account/app/remove",
    "account/recovery-codes",
    "account/recovery-codes/new",
    "account/refuse-new-start",
    "accounts",
    "accounts/<slug:name>/end-sessions",
    "accounts/<slug:name>/new-link",
    "accounts/requests/<int:number>/agree",
    "accounts/requests/<int:number>/note",
    "accounts/requests/<int:number>/refuse",
    "again",
    "again/code",
    "again/passkey",
    "emergency/<int:number>/end",
    "emergency/<int:number>/note",
    "emergency/halves/<int:number>",
    "files/<slug:case>/document",
    "files/<slug:case>/export",
    "files/<slug:case>/paper/<slug:paper>/remove",
    # tests/casework/test_papers_for_team.py: it needs an address that is not disclosed.
    "files/<slug:case>/paper/<slug:paper>/team",
    "files/<slug:case>/paper/<slug:paper>/team/back",
    ROW + "/remove",
    "files/asked",
    # Asked by a script of the page, while somebody types.
    "files/addresses",
    "files/<slug:case>/support/<slug:word>",
    # tests/casework/test_rule_23_keep_sound.py: it needs sound that nobody heard.
    "files/<slug:case>/sound/<alarm:alarm>/keep",
    # tests/casework/test_findings.py: it needs an alarm that was closed.
    "files/<slug:case>/alarm/<alarm:alarm>/found",
    "register/<alarm:alarm>/take",
    "shift/<int:version>",
    # Told by a script of the page.
    "reminders/wake",
    "reminders/wake/off",
    "rollout/duties/",
    # tests/rollout/test_duties_exchanged.py: it needs what was shown before.
    "rollout/duties/exchange/<int:line>",
    # As many of the answers as there are.
    KIT + "arm",
    KIT + "ask",
    KIT + "code",
    KIT + "take-back",
    "language",
    "live-ticket",
    "palette",
    # Its own page, without the frame of the offices: tests/journeys/test_surveys.py.
    "q/<str:token>",
    "readings",
    "readings/exceptional/<int:seq>",
    "search",
    "sign-in",
    "sign-in/code",
    # Told by the provider of the authority, and not by a person.
    "sign-in/authority/ended",
    # No form: another system's signed word.
    "dispatch/<slug:name>/answers",
    # Nor here: a routing proxy's question.
    "lost",
    # A button alone: tests/boards/test_cad_page.py.
    "systems/",
    "systems/<slug:name>/test",
    "systems/roads/<slug:name>/test",
    "sign-in/emergency",
    "sign-in/passkey",
    "sign-out",
    "surveys/for/<slug:case>",
    "surveys/mine",
    "surveys/officers",
}


@pytest.fixture(scope="module")
def asked(world: World, quick_dir: Path) -> dict[str, HttpResponseBase]:
    """What came back for each form, in one copy of the world whose kit has not left yet."""
    names, replies = dict(routes()), {}
    with world.copied(quick_dir / "refused"):
        kit = Kit.objects.filter(id=world.sample.parts["kit"])
        waiting = Case.objects.filter(stage="decision", office="mons").values_list("id", flat=True)[0]
        other = {
            "file-decision": {"case": waiting},
            "file-step": {"case": waiting, "name": "drop"},
        }
        for route, (viewer, form, _field) in REFUSED.items():
            # Most is done with a kit before it leaves.
            kit.update(state=KitState.ISSUED if route == KIT + "end" else KitState.PREPARED, means=rules.OWN)
            parts = world.sample.parts | world.sample.special.get(names[route] or "", {})
            path = Sample(parts | other.get(names[route] or "", {}), {}).fill(route, names[route])
            given = f"csrfmiddlewaretoken=x&{form}"
            client = world.client(viewer)
            replies[route] = client.generic(
                "POST", path, given, content_type="application/x-www-form-urlencoded"
            )
        for path, (viewer, _field) in ASKED.items():
            replies[path] = world.client(viewer).get(path)
    return replies


def test_every_form_is_either_refused_here_or_has_nothing_to_fill_in() -> None:
    posted = {row.address for row in table.read().values() if row.method == "POST"}
    forms = {address for address in posted if not address.startswith(BOARDS)}
    assert forms == REFUSED.keys() | NOTHING_TO_FILL_IN


@pytest.mark.parametrize(
    ("form", "field"),
    [*((form, REFUSED[form][2]) for form in REFUSED), *((form, ASKED[form][1]) for form in ASKED)],
)
def test_a_refused_form_lists_what_is_wrong_and_leads_there(
    asked: dict[str, HttpResponseBase], form: str, field: str
) -> None:
    reply = asked[form]
    assert reply.status_code == 422, (reply.status_code, reply.headers.get("Location"))
    page = body_of(reply).decode()
    links = faults_of(page)
    assert not field or field in links
    assert 0 < most_fields(page) <= settings.DATA_UPLOAD_MAX_NUMBER_FIELDS, "the form is refused as too large"
