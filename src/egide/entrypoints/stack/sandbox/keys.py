"""What an integrator needs: secrets made for each sandbox, the files that hold them, enrolled sources."""

import base64
import json
import secrets
from pathlib import Path
from typing import Any, Final

import msgspec

from egide.common.encoding import to_base64url
from egide.entrypoints.stack.installation import Stack
from egide.events.register import KitIssued
from egide.events.sources import SourceEnrolled
from egide.journal.service import Entry, KeyStore
from egide.protocol.bthome import KEY_BYTES
from egide.protocol.envelope import Position, Source
from egide.protocol.sources import BTHOME, PURPOSE, TRACCAR, source_id

CALLED, FETCHING = "cad", "cad-feed"
SERVICE, TRACKER = "tracker", "356938035643809"
BUTTON_ADDRESS: Final = "0C:EF:F6:01:02:03"
_PLACE_M = 30


class Keys(msgspec.Struct, kw_only=True):
    """All in the clear: they open nothing but invented people's. `url` is the front's address."""

    url: str
    secret: str
    feed_secret: str = ""
    sms_secret: str
    service_secret: str
    bthome_key: str
    bthome_source: str = ""
    traccar_source: str = ""
    person: str = ""
    button_id: str = ""
    button_key: str = ""


def do_make(folder: Path, url: str, *, with_feed: bool) -> Keys:
    """Make the secrets and write the files of the settings into `folder`."""
    keys = Keys(
        url=url,
        secret=_webhook_secret(),
        feed_secret=_webhook_secret() if with_feed else "",
        sms_secret=_webhook_secret(),
        service_secret=secrets.token_urlsafe(32),
        bthome_key=secrets.token_hex(KEY_BYTES),
    )
    systems = [_system(folder, CALLED, keys.secret, {"url": f"{url}/to/{CALLED}"})]
    if with_feed:
        systems.append(_system(folder, FETCHING, keys.feed_secret, {"kind": "feed"}))
    _write(dispatch_file(folder), "\n".join(systems))
    _write(services_file(folder), f"{SERVICE} {keys.service_secret}\n")
    _write(sms_file(folder), keys.sms_secret + "\n")
    return keys


def dispatch_file(folder: Path) -> Path:
    """That of EGIDE_DISPATCH_SYSTEMS."""
    return folder / "dispatch.toml"


def services_file(folder: Path) -> Path:
    """That of EGIDE_TRACKER_SERVICES."""
    return folder / "services"


def sms_file(folder: Path) -> Path:
    """That of EGIDE_SMS_SECRETS."""
    return folder / "sms.secret"


def do_enrol(stack: Stack, keys: Keys, kit: dict[str, Any], issued: KitIssued) -> None:
    """Enrol a button that broadcasts and a tracker for this kit, as an officer does; the keys know them then, and the
    button of the kit."""
    store = KeyStore.open(stack.config)
    ours, journal = store.purpose_key(PURPOSE).raw, stack.journal()
    secret = bytes.fromhex(keys.bthome_key)
    place = Position(round(kit["lat"] * 1e7), round(kit["lon"] * 1e7), _PLACE_M, 0, Source.MANUAL)
    keys.bthome_source = source_id(ours, BTHOME, BUTTON_ADDRESS, secret)
    keys.traccar_source = source_id(ours, TRACCAR, TRACKER)
    told = {"kit": kit["kit"], "user": "sandbox"}
    made = (
        SourceEnrolled(
            source=keys.bthome_source, road=BTHOME, name=BUTTON_ADDRESS, key=secret, place=place, **told
        ),
        SourceEnrolled(source=keys.traccar_source, road=TRACCAR, name=TRACKER, **told),
    )
    journal.append([Entry(stream=f"source:{one.source}", event=one, case=kit["case"]) for one in made])
    keys.person, keys.button_id = kit["name"], issued.button_id
    keys.button_key = to_base64url(issued.button_key)


def _system(folder: Path, name: str, secret: str, more: dict[str, str]) -> str:
    path = folder / f"{name}.secret"
    _write(path, secret + "\n")
    fields: dict[str, object] = {
        "name": name,
        "secret_file": str(path),
        "centres": ["HAI", "OVL", "LIE"],
        **more,
    }
    # TOML writes texts and lists of them as JSON does.
    return "[[receiver]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in fields.items())


def _webhook_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def _write(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
