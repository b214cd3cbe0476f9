"""The world of the matrix: the demo with all its accounts, an alarm, a file and a kit of Mons, three barred cousins."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from django.db import connections, transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from egide.access.accounts.accounts import do_ask_emergency, do_ask_invitation, do_ask_post
from egide.access.accounts.agreeing import do_agree
from egide.access.models import EmergencyHalf, EmergencyUse, User
from egide.access.readings.readings import catch_up
from egide.access.rules import OPERATOR, ZONE_OFFICER, Post
from egide.access.scope import scope_of
from egide.alarm.events import Origin, TestReceived, VerificationFailed
from egide.alarm.rows import DESK
from egide.boards import service as response
from egide.boards.links import do_make_link
from egide.casework.file.reading import read_file
from egide.casework.file.steps import Died
from egide.casework.life.living import do_take_step
from egide.casework.models import BarredReader, Case, Perpetrator, Place, Share
from egide.casework.papers.handing import do_mark
from egide.casework.papers.keeping import ATTACHMENT, PHOTO, PaperFacts, do_add_paper
from egide.casework.sharing.workers import PARTS
from egide.demo.service import create_demo
from egide.evaluation.models import OfficerAsked
from egide.evaluation.published import editions
from egide.evaluation.service import rebuild
from egide.evaluation.surveys.questions import EDITION
from egide.events.register import FileOpened, KitIssued
from egide.fleet.models import Item, Kit, KitState
from egide.outbox.copy import copy_waiting
from egide.outbox.days import today
from egide.rollout.models import Duty
from tests.support.installation import Installation, Phone
from tests.support.pages import PASSWORD, _use, browser

ZONE, CENTRE, OFFICE = "5324", "HAI", "mons"
DEATH = "0" * 16
# Column of the table: account. Those of Mons come first, then the same roles elsewhere, then those without a place.
VIEWERS = {
    "anonymous": "",
    "operator": "hainaut-12",
    "supervisor": "hainaut-chef",
    "zone-officer": "mons-quevy-21",
    "reference-officer": "mons-quevy-ref",
    "magistrate": "parquet-mons-01",
    "clerk": "parquet-mons-greffe",
    "team": "",
    "operator elsewhere": "oost-vlaanderen-03",
    "zone-officer elsewhere": "gent-44",
    "reference-officer elsewhere": "gent-ref",
    "magistrate elsewhere": "parket-ovl-01",
    "clerk elsewhere": "parket-ovl-griffie",
    "barred operator": "cousin-operator",
    "barred reference-officer": "cousin-officer",
    "barred magistrate": "cousin-magistrate",
    "coordinator": "coordinator-01",
    "steering": "steering-01",
    "evaluator": "evaluator-01",
    "support": "support-01",
    "data-protection": "dpo-01",
    "administrator": "admin-01",
}
# Those who may least ask first: nobody finds closed what somebody before them was allowed to close.
ASKED = tuple(reversed(VIEWERS))
COUSINS = {
    "cousin-operator": ("operator", CENTRE),
    "cousin-officer": ("reference-officer", ZONE),
    "cousin-magistrate": ("magistrate", OFFICE),
}


@dataclass(frozen=True)
class Sample:
    """What stands in the addresses, by the name of the address part."""

    parts: dict[str, str]
    # Where the same part means something else in some addresses, or the address needs more behind it.
    special: dict[str, dict[str, str]]

    def fill(self, route: str, name: str | None) -> str:
        """A real address for a route. Raises KeyError for a part that the world has no sample of."""
        parts = self.parts | self.special.get(name or "", {})
        if route.startswith("rollout/^"):
            return f"/rollout/zone/{ZONE}/"
        filled = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: parts[found[1]], route)
        # Which of the perpetrators.
        query = "?n=0" if route.endswith("/photo") else parts.get("?", "")
        return f"/{filled}{query}"


@dataclass(frozen=True)
class World:
    """A filled installation as files, what stands in the addresses, and each viewer's cookies."""

    directory: Path
    sample: Sample
    cookies: dict[str, dict[str, str]]
    _missing: dict[str, HttpResponseBase] = field(default_factory=dict)

    def missing_for(self, viewer: str) -> HttpResponseBase:
        """What this viewer gets where nothing is; it is always the same."""
        if viewer not in self._missing:
            self._missing[viewer] = self.client(viewer).get("/no-such-page")
        return self._missing[viewer]

    @contextmanager
    def copied(self, target: Path) -> Iterator[None]:
        """A copy to ask and to change, in force for as long as the context lasts."""
        shutil.copytree(self.directory, target)
        with Installation(target) as installation:
            _use(installation, self.directory / "app.db")
            try:
                yield
            finally:
                connections["default"].close()
                shutil.rmtree(target)

    def names(self) -> list[str]:
        """The protected person's name and the perpetrators' in the file of Mons."""
        file = read_file(self.sample.parts["case"])
        return [file.beneficiary.facts.name, *(row.facts.name for row in file.perpetrators)]

    def traces(self) -> list[str]:
        """What gives away that there is a file in Mons: ids of file, kit, phone and alarm, and serials of its items."""
        parts = self.sample.parts
        serials = Item.objects.filter(kit=parts["kit"]).values_list("serial", flat=True)
        # Lists show the beginnings of ids.
        return [parts["alarm"], parts["case"], *serials, *(parts[name][:8] for name in ("kit", "device"))]

    def client(self, viewer: str) -> Client:
        """The viewer's browser."""
        client = browser()
        for name, value in self.cookies[viewer].items():
            client.cookies[name] = value
        return client


def routes() -> list[tuple[str, str | None]]:
    """Every address of the resolver, with its name; an address with two names comes once."""
    found: dict[str, str | None] = {}
    for route, name in _walk(get_resolver().url_patterns):
        found.setdefault(route, name)
    return sorted(found.items())


def _walk(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[tuple[str, str | None]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, route)
        else:
            yield route, pattern.name


def build(directory: Path, migrated: Path) -> World:
    """Fill an empty directory."""
    with Installation(directory) as installation:
        _use(installation, migrated)
        demo = create_demo()
        copy_waiting(installation.config, installation.journal)
        kit = next(kit for kit in demo["kits"] if kit["zone"] == ZONE)
        case = str(kit["case"])
        _let_cousins_in(case)
        phone, alarm = _alarm(installation, case)
        _leave_traces(installation, phone)
        _let_surveys_be_due(installation, case)
        _enter_a_death(case)
        Share.objects.create(
            case_id=case, reader="support-01", parts=" ".join(PARTS), at_us=1, by="mons-quevy-ref"
        )
        year = _let_figures_be_out()
        parts = _parts(installation, case, alarm) | {"kit": str(kit["kit"]), "device": phone.device}
        marked = {"paper": _paper_for_team(case)}
        special = {
            "file-step": {"name": "request"},
            "file-item": {"part": "perpetrator", "row": parts["owner"], "item": "assessment"},
            "figures-group": {"group": "people"},
            "figures-measure": {"name": "kits-in-use"},
            "figures-import": {"kind": "calls"},
            "figures-published-year": {"year": str(year)},
            "figures-published-csv": {"year": str(year), "number": "1"},
            "account-request-note": {"number": parts["agreed"]},
            "file-paper-team": marked,
            "file-paper-team-back": marked,
            "response-paper": marked,
            "zone-file-paper": marked,
            "team-paper": marked,
            **_emergency(installation),
            "telephones-of": {"kind": "zone", "place": ZONE},
            "desk-zones": {"?": "?at=50.45,3.95"},
        }
        cookies = {viewer: _signed_in(account) for viewer, account in VIEWERS.items()}
        cookies["team"] = _team(alarm)
        # Closed, the files are whole without their logs.
        connections["default"].close()
    return World(directory, Sample(parts, special), cookies)


def _let_figures_be_out() -> int:
    """The records are built, and an edition of their year is out."""
    year = rebuild().until.year
    editions.do_let_out(editions.draft(year), "evaluator-01")
    return year


def _let_cousins_in(case: str) -> None:
    """Three colleagues of Mons who must never see this file."""
    for name, (role, place) in COUSINS.items():
        user = User.objects.create(name=name, title=name, password=PASSWORD)
        user.memberships.create(role=role, place=place)
        BarredReader.objects.create(case_id=case, mark=f"user:{name}")


def _let_surveys_be_due(installation: Installation, case: str) -> None:
    """The person of the file has carried the kit for long enough to be asked; so has an officer of Mons."""
    out_at_us = installation.clock.now_us() - 40 * 86_400 * 1_000_000
    Kit.objects.filter(case_id=case).update(state=KitState.ISSUED, out_at_us=out_at_us)
    OfficerAsked.objects.create(user="mons-quevy-21", edition=EDITION)


def _enter_a_death(case: str) -> None:
    """A relative died, as the zone's reference officer says."""
    died = Died(death=DEATH, who="relative", on=today(), violence="unknown", source="A doctor")
    version = Case.objects.values_list("version", flat=True).get(id=case)
    do_take_step(scope_of(User.objects.get(name="mons-quevy-ref")), case, version, died)


def _leave_traces(installation: Installation, phone: Phone) -> None:
    """The kit is tested, and its phone sends what cannot be verified."""
    row = {"case": phone.case, "centres": (CENTRE,), "zones": (ZONE,)}
    tested = installation.phone_event(TestReceived, phone)
    installation.append(f"test:{phone.device}-{tested.counter}", tested, **row)
    failed = VerificationFailed(
        device=phone.device, reason="bad-signature", envelope_hash="", home_centre=CENTRE
    )
    installation.append(f"device:{phone.device}", failed, **row)


def _alarm(installation: Installation, case: str) -> tuple[Phone, str]:
    rows = (
        installation.journal.open_event(row)
        for row in installation.journal.every()
        if row.kind == "KitIssued"
    )
    issued = next(event for event in rows if isinstance(event, KitIssued) and event.case == case)
    phone = installation.enrol(issued)
    alarm = installation.open_alarm(phone, origin=Origin(ZONE, ZONE, CENTRE))
    installation.route(alarm, zone=ZONE, centre=CENTRE, managing_zone=ZONE)
    return phone, alarm


def _parts(installation: Installation, case: str, alarm: str) -> dict[str, str]:
    reading = FileOpened(case=case, user="gent-44", why="An urgent reason", managing_zone=ZONE)
    seq = installation.append(f"case:{case}", reading, case=case).seq
    catch_up()
    newcomer, _code = do_ask_invitation("admin-01", "newcomer", "Newcomer", "fr", Post(OPERATOR, CENTRE))
    officer = scope_of(User.objects.get(name="dpo-01"))
    _asked, token = do_agree(officer, newcomer.requests.get().pk)
    do_ask_post("admin-01", newcomer, Post(ZONE_OFFICER, ZONE))
    owner = Perpetrator.objects.filter(case_id=case).values_list("id", flat=True)[0]
    facts = PaperFacts(media="image/jpeg", sha256="00" * 32, by="mons-quevy-ref")
    with transaction.atomic():
        paper = do_add_paper(case, PHOTO, b"no real photo", facts, owner=owner)
    return {
        "alarm": alarm,
        "case": case,
        "death": DEATH,
        "name": "newcomer",
        "token": token,
        "seq": str(seq),
        "agreed": str(newcomer.requests.get(state="agreed").pk),
        "number": str(newcomer.requests.get(state="open").pk),
        "pk": "1",
        "kind": "streets",
        "recording": "1",
        "source": "0011223344556677",
        "moment": "0",
        "version": "1",
        "line": str(Duty.objects.filter(kind="zone", place=ZONE).earliest("starts_us").id),
        "word": "made-up",
        "after": "0",
        "secret": "made-up",
        "owner": owner,
        "paper": paper.id,
        "part": "place",
        "row": Place.objects.filter(case_id=case).values_list("id", flat=True)[0],
        # A button of the file's kit.
        "item": Item.objects.filter(kit__in=Kit.objects.filter(case_id=case).values("id"))
        .order_by("kind")[0]
        .id,
    }


def _paper_for_team(case: str) -> str:
    """An attachment of the file that its team is handed."""
    about = {"title": "A certificate", "source": "A doctor", "on": date(2026, 1, 5)}
    facts = PaperFacts(media="image/jpeg", sha256="00" * 32, by="mons-quevy-ref", **about)
    with transaction.atomic():
        paper = do_add_paper(case, ATTACHMENT, b"no real paper", facts)
        do_mark(case, paper.id, "mons-quevy-ref", ())
    return paper.id


def _emergency(installation: Installation) -> dict[str, dict[str, str]]:
    """One is open in Mons, by people of Mons and of Ghent; a half of another one waits for its keeper in Mons."""
    holders = ("mons-quevy-21", "gent-44")
    for name in ("emergency-1", "emergency-2"):
        post = Post(ZONE_OFFICER, ZONE)
        asked = do_ask_emergency("admin-01", name, name, "fr", post, holders).requests.get()
        do_agree(scope_of(User.objects.get(name="dpo-01")), asked.pk)
    now_us = installation.clock.now_us()
    use = EmergencyUse.objects.create(
        user=User.objects.get(name="emergency-1"),
        first=holders[0],
        second=holders[1],
        opened_at_us=now_us,
        until_us=now_us + 10 * 3600 * 1_000_000,
    )
    half = EmergencyHalf.objects.get(user__name="emergency-2", holder=holders[0])
    number = {"number": str(use.pk)}
    return {
        "emergency-end": number,
        "emergency-note": number,
        "account-holders": {"name": "emergency-1"},
        "emergency-take": {"number": str(half.pk)},
    }


def _signed_in(account: str) -> dict[str, str]:
    """The cookies of a browser that signed in and used a second factor; none without an account."""
    if not account:
        return {}
    client = browser()
    client.force_login(User.objects.get(name=account))
    session = client.session
    session["egide.second_factor"] = True
    session.save()
    return {name: cookie.value for name, cookie in client.cookies.items()}


def _team(alarm: str) -> dict[str, str]:
    """The cookie of a team's device that opened its link."""
    scope = scope_of(User.objects.get(name="hainaut-12"))
    speaker = response.speaker_of(scope, DESK)
    response.do_command(scope, alarm, "zone", speaker, {"zone": ZONE, "reference": "Inspector 4"})
    response.do_command(scope, alarm, "team", speaker, {"call_sign": "Mons 12"})
    client = browser()
    client.post("/" + do_make_link(scope, alarm).url.split("/", 3)[3])
    return {name: cookie.value for name, cookie in client.cookies.items()}
