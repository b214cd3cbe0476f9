"""Runs on the machine, as the account egide: invented people with a second factor, and what the journal holds.

people.py make        invented people; JSON: an operator with password and secret of the app, a kit with its code
people.py kits N ZONE CENTRE   so many more kits of that zone, each with its code, one a line as JSON
people.py presses     the numbers of the presses in the journal, one a line
people.py later ALARM an event of a kind that only a later release knows, in this alarm
"""

import json
import secrets
import sys

from egide.entrypoints.processes.web import setup

setup()

from allauth.mfa.totp.internal import auth as totp  # noqa: E402

from egide.access.models import User  # noqa: E402
from egide.demo.service import create_demo  # noqa: E402
from egide.demo.world import kit_issued  # noqa: E402
from egide.events import REGISTRY  # noqa: E402
from egide.events.register import EnrolmentOffered  # noqa: E402
from egide.journal.service import Entry  # noqa: E402
from egide.outbox.service import clock, journal, keys  # noqa: E402
from egide.protocol.enrolment import code_hash  # noqa: E402

CODE_S = 3600
# Behind whatever the demo counts.
FIRST_KIT = 0xE0000


def make() -> None:
    made = create_demo()
    person = made["kits"][0]
    account = next(
        one for one in made["users"] if one["role"] == "operator" and one["centre"] == person["centre"]
    )
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(User.objects.get(name=account["name"]), secret)
    code = offered_code(str(person["kit"]), str(person["case"]))
    place = {name: person[name] for name in ("lat", "lon", "zone", "centre")}
    print(
        json.dumps(
            {
                "name": account["name"],
                "password": account["password"],
                "secret": secret,
                "code": code,
                **place,
            }
        )
    )


def offered_code(kit: str, case: str) -> str:
    code = secrets.token_hex(6)
    expires_at_s = clock().now_us() // 1_000_000 + CODE_S
    offered = EnrolmentOffered(kit=kit, code_hash=code_hash(code), expires_at_s=expires_at_s)
    journal().append([Entry(stream=f"kit:{kit}", event=offered, case=case)])
    return code


def kits(number: str, zone: str, centre: str) -> None:
    """Known to the journal alone, where intake and routing look: no page shows them."""
    for one in range(FIRST_KIT, FIRST_KIT + int(number)):
        issued = kit_issued(one, managing_zone=zone, home_zone=zone, home_centre=centre)
        keys().ensure(issued.case)
        journal().append([Entry(stream=f"kit:{issued.kit}", event=issued, case=issued.case)])
        print(json.dumps({"kit": issued.kit, "code": offered_code(issued.kit, issued.case)}))


def presses() -> None:
    after = 0
    while rows := journal().read(after=after, limit=1000):
        for row in rows:
            if row.kind in ("PressReceived", "PressedAgain"):
                print(row.seq)
        after = rows[-1].seq


def later(alarm: str) -> None:
    first = journal().stream(f"alarm:{alarm}")[0]
    said = REGISTRY["LaterSaid"](words="by a later release")
    centres, zones = first.centre.split(), first.zone.split()
    journal().append([Entry(stream=first.stream, event=said, case=first.key, centres=centres, zones=zones)])


{"make": make, "kits": kits, "presses": presses, "later": later}[sys.argv[1]](*sys.argv[2:])
