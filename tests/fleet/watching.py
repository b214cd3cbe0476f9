"""A supervisor beside an intake, under a clock that is set."""

from typing import Any

from egide.events.register import KitTroubleTold, KitWatched
from egide.fleet.supervision import rules as r
from egide.fleet.supervision.supervisor import Supervisor
from egide.journal.now.heartbeats import Heartbeats
from egide.protocol.enrolment import NATIVE
from egide.protocol.envelope import Battery, Kind
from egide.protocol.link import LinkFlag
from egide.protocol.receipt import Pending
from tests.support.asgi import IntakeClient
from tests.support.installation import Installation, Phone
from tests.support.waiting import until_async

PAIRED = int(LinkFlag.BUTTON_PAIRED | LinkFlag.BUTTON_CONNECTED)
WELL = Battery(80, 80)


class Watch:
    """A supervisor beside an intake; time passes minute by minute, so that the service itself has no pause."""

    def __init__(self, installation: Installation, intake: IntakeClient, settings: r.Settings) -> None:
        self.installation, self.intake = installation, intake
        self.heartbeats = Heartbeats(installation.config)
        self.is_receiving = True
        self.settings = settings
        self.supervisor = self.start()

    def start(self) -> Supervisor:
        supervisor = Supervisor(
            self.installation.journal,
            self.heartbeats,
            self.installation.clock,
            self.settings,
            lambda: self.is_receiving,
        )
        supervisor.seed()
        supervisor.step()
        self._read = self.installation.journal.head()
        return supervisor

    def kit(self, level: str = r.ORDINARY, client: str = NATIVE) -> Phone:
        """A kit that is out, with a phone that says it is a `client`."""
        phone = self.installation.enrol(client=client)
        self.installation.append(f"kit:{phone.kit}", KitWatched(kit=phone.kit, level=level), case=phone.case)
        return phone

    def step(self) -> int:
        """The worker reads what was written, and looks at the kits that are due."""
        for row in self.installation.journal.read(after=self._read):
            self._read = row.seq
            self.supervisor.hear(row)
        return self.supervisor.step()

    def wait(self, seconds: int) -> None:
        """Time passes, and the supervisor looks every minute."""
        while seconds > 0:
            pause = min(seconds, 60)
            self.installation.set_clock.advance_s(pause)
            self.step()
            seconds -= pause

    async def beat(self, phone: Phone, **fields: Any) -> tuple[Pending, ...]:
        """A heartbeat; returns what the phone is told."""
        told = {"battery": WELL, "link": PAIRED, "sent_at_s": self.now_s, **fields}
        reply = await self.intake.send(phone.envelope(Kind.HEARTBEAT, **told))
        return reply.receipt.pending

    async def noted(self, phone: Phone) -> None:
        """Until the phone's last message counts as a sign of life: of those with events after their answer has left."""
        await until_async(
            lambda: self.heartbeats.counters([phone.device]).get(phone.device, 0) >= phone.counter
        )

    @property
    def now_s(self) -> int:
        return self.installation.clock.now_us() // 1_000_000

    def told(self, phone: Phone) -> list[tuple[str, ...]]:
        """What was told and solved, from the events of the kit."""
        events = []
        for row in self.installation.journal.stream(f"kit:{phone.kit}"):
            if row.kind.startswith("KitTrouble"):
                event: Any = self.installation.journal.open_event(row)
                whom = event.whom if isinstance(event, KitTroubleTold) else "solved"
                events.append((event.what, whom))
        return events
