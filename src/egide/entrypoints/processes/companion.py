"""Phones in one process: each enrols with its one-time code, pairs with its button, and carries presses to the server.

Phone N keeps its memory in `phone-N.db` in the state directory and takes the N-th code and --position; once it is
enrolled its code is no longer needed. What the person does with her phone comes on stdin (`phone_commands`).
"""

import argparse
import asyncio
import logging
import random
import secrets
from collections.abc import Awaitable
from functools import partial
from importlib import metadata
from pathlib import Path

from bumble import hci
from bumble.transport.common import Transport
from bumble.transport.tcp_client import open_tcp_client_transport

from egide.common.clock import SystemClock
from egide.common.encoding import from_base64url
from egide.companion.app import App
from egide.companion.enrol import CodeRefused, enrol
from egide.companion.ports import Positions, Radio, RadioError, Reporter
from egide.companion.positions import NoFix, StandingStill, Walking
from egide.companion.radio import bleak as radio_bleak
from egide.companion.radio import bumble as radio_bumble
from egide.companion.radio.bleak import BleakRadio
from egide.companion.radio.broadcast import BroadcastRadio
from egide.companion.radio.bumble import BumbleRadio
from egide.companion.rules import check_server
from egide.companion.sending.sender import Sender
from egide.companion.store import PhoneStore, RadioIdentity
from egide.companion.surroundings import Surroundings
from egide.entrypoints.processes.phone_commands import ACCURACY_M, Commands, check_place
from egide.entrypoints.serving.lines import obey_stdin, prepare, quiet_stack, say, until_told_to_end
from egide.protocol.bthome import address_bytes
from egide.protocol.frame import KEY_BYTES

log = logging.getLogger(__name__)

VERSION = f"companion-{metadata.version('egide')}"
PAIR_WITHIN_S = 60.0
RESTART_S = 1.0
WALKING_M_S = 1.4
WALKING_DEG = 60.0


def open_store(path: Path) -> PhoneStore:
    """The memory of one phone; a new one gets a signing key and a radio identity made here."""
    identity = RadioIdentity(str(hci.Address.generate_static_address()), secrets.token_bytes(16))
    return PhoneStore(path, secrets.token_bytes(32), identity)


async def be_phone(
    number: int, store: PhoneStore, options: argparse.Namespace, turn: asyncio.Lock, commands: Commands
) -> None:
    """One phone, until cancelled. Ends early, with a line that says why, when it cannot enrol.

    Phones pair in turn, as kits are handed out one by one: a phone that tries a neighbour's button keeps it busy.
    """
    report = reporter(number)
    clock, chance = SystemClock(), random.Random()
    async with Sender(tuple(options.server)) as sender:
        enrolment = store.enrolment()
        if enrolment is None:
            if number > len(options.codes):
                say(error="not enrolled: give its code in a --code-file", phone=number)
                return
            enrolment = await enrol(store, sender, options.codes[number - 1], chance, report)
        for url in sender.trust(enrolment, store.key_ahead(), store.do_pin):
            report("phone.server_refused", server=url)
        radio = radio_of(number, store, from_base64url(enrolment.button_key, KEY_BYTES), report, options)
        around = Surroundings(positions_of(number, options), options.phone_pct)
        sound = options.sound
        app = App(enrolment, store, radio, sender, around, clock, report, chance, sound, VERSION)
        commands.apps[number] = (app, report)
        async with asyncio.TaskGroup() as group:
            # What an earlier life left unsent does not wait for a button.
            group.create_task(app.run())
            if options.pair and not radio.is_paired:
                group.create_task(pair(radio, report, turn))


def radio_of(
    number: int, store: PhoneStore, key: bytes, report: Reporter, options: argparse.Namespace
) -> Radio:
    """The radio that --radio names, for the kind of button that phone `number` has."""

    def open_transport() -> Awaitable[Transport]:
        return open_tcp_client_transport(options.air)

    may_be_findable, is_bleak = options.allow_findable, options.radio == "bleak"
    if number <= len(options.broadcasting):
        own = partial(radio_bumble.broadcasts, open_transport, store)
        listen = partial(radio_bleak.broadcasts, adapter=options.adapter) if is_bleak else own
        return BroadcastRadio(listen, store, options.broadcasting[number - 1], key, report, may_be_findable)
    if is_bleak:
        return BleakRadio(store, key, report, may_be_findable, options.adapter)
    return BumbleRadio(open_transport, store, key, report, may_be_findable)


async def pair(radio: Radio, report: Reporter, turn: asyncio.Lock) -> None:
    """Until it has worked: the button's window may open late."""
    async with turn:
        while not radio.is_paired:
            try:
                await radio.pair(PAIR_WITHIN_S)
            except (RadioError, OSError) as error:
                report("phone.pairing_failed", reason=str(error))
                await asyncio.sleep(RESTART_S)


async def keep_phone(
    number: int, store: PhoneStore, options: argparse.Namespace, turn: asyncio.Lock, commands: Commands
) -> None:
    """A phone that fails begins anew: what it kept is still to be sent. The others do not notice."""
    while True:
        try:
            await be_phone(number, store, options, turn, commands)
            return
        except CodeRefused as error:
            say(error=str(error), phone=number)
            return
        except Exception as error:
            log.exception("phone %d", number)
            say(error=f"{type(error).__name__}: {error}", phone=number)
        await asyncio.sleep(RESTART_S)


def reporter(number: int) -> Reporter:
    def report(step: str, **facts: object) -> None:
        say(step=step, phone=number, **facts)

    return report


def positions_of(number: int, options: argparse.Namespace) -> Positions:
    """Phone `number`'s place, invented or entered by hand; without one it has no fix."""
    if number > len(options.position):
        return NoFix()
    lat, lon = options.position[number - 1]
    if options.walking:
        return Walking(SystemClock(), lat, lon, ACCURACY_M, WALKING_DEG, WALKING_M_S)
    return StandingStill(lat, lon, ACCURACY_M, options.by_hand)


def _place(text: str) -> tuple[float, float]:
    lat, lon = (float(part) for part in text.split(","))
    return check_place(lat, lon)


def _printed(text: str) -> str:
    address_bytes(text)
    return text.upper()


def _bytes_of(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{path}: {error}") from error


def _codes_in(path: str) -> list[str]:
    """One-time codes, one a line. They come by a file, because everybody can read the arguments of a process."""
    try:
        return Path(path).read_text(encoding="ascii").split()
    except (OSError, ValueError) as error:
        raise argparse.ArgumentTypeError(f"{path} holds no codes: {error}") from error


async def run(options: argparse.Namespace) -> None:
    known = len(list(options.state.glob("phone-*.db")))
    count = max(known, len(options.codes))
    stores = [open_store(options.state / f"phone-{number}.db") for number in range(1, count + 1)]
    turn, commands = asyncio.Lock(), Commands()
    work = [
        asyncio.create_task(keep_phone(number, store, options, turn, commands))
        for number, store in enumerate(stores, 1)
    ]
    work.append(asyncio.create_task(obey_stdin(commands.do_command)))
    say(ready="companion", phones=count)
    await until_told_to_end()
    for task in work:
        task.cancel()
    await asyncio.gather(*work, return_exceptions=True)
    for store in stores:
        store.close()


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="egide-companion", description="Phones of the demo, or a box (docs/box.md)."
    )
    parser.add_argument(
        "--radio",
        choices=("bumble", "bleak"),
        default="bumble",
        help="a Bluetooth stack of our own on the virtual air, or that of this machine (BlueZ)",
    )
    parser.add_argument("--air", help="host:port of the virtual air, for --radio bumble")
    parser.add_argument(
        "--adapter", help="such as hci1, for --radio bleak; the first one when it is left out"
    )
    parser.add_argument("--state", required=True, type=Path, help="directory of the phones' memory")
    parser.add_argument(
        "--server", action="append", required=True, type=check_server, help="intake; repeatable"
    )
    parser.add_argument(
        "--code-file",
        dest="codes",
        default=[],
        type=_codes_in,
        help="file of one-time codes, one line for each phone",
    )
    parser.add_argument("--pair", action="store_true", help="pair with the button if there is no bond yet")
    parser.add_argument(
        "--position", action="append", default=[], type=_place, help="LAT,LON of each phone; none: no fix"
    )
    moves = parser.add_mutually_exclusive_group()
    moves.add_argument("--walking", action="store_true", help="the positions move at walking pace")
    moves.add_argument(
        "--by-hand", action="store_true", help="the positions are where a box stands: entered, not measured"
    )
    parser.add_argument(
        "--sound",
        default=b"",
        type=_bytes_of,
        help="file that listening in hears (WebM with Opus), for phones that chose it",
    )
    parser.add_argument(
        "--phone-pct", type=int, choices=range(101), metavar="PCT", help="charge of the phones"
    )
    parser.add_argument(
        "--broadcasting",
        action="append",
        default=[],
        type=_printed,
        metavar="ADDRESS",
        help="printed address of each phone's button, where it only broadcasts (BTHome): with --allow-findable",
    )
    parser.add_argument("--allow-findable", action="store_true", help="accept buttons that anybody can find")
    options = parser.parse_args()
    if options.radio == "bumble" and options.air is None:
        parser.error("--radio bumble needs --air")
    prepare()
    quiet_stack()
    options.state.mkdir(parents=True, exist_ok=True)
    asyncio.run(run(options))


if __name__ == "__main__":
    main()
