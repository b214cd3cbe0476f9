"""A kit as a line in a list, with what a list shows of its file."""

from dataclasses import dataclass

from django.urls import reverse

from egide.access.registries.tasks import Level
from egide.fleet import service
from egide.fleet.kits import words
from egide.fleet.models import Kit, KitState


@dataclass(frozen=True)
class KitLine:
    """A kit in a list."""

    kit: Kit
    name: str
    number: str
    state: object
    danger: bool = False
    urgent: bool = False
    until_us: int | None = None
    waits_for_second: bool = False
    zone: str = ""

    @property
    def title(self) -> str:
        return f"{self.name} · {self.number}"

    @property
    def url(self) -> str:
        return reverse("kit", args=[self.kit.id])

    @property
    def places(self) -> tuple[str, ...]:
        """Whose work it is, as a task says it."""
        return (f"zone:{self.zone}",)

    @property
    def level(self) -> Level:
        return Level.of(self.danger, self.urgent)


def lines_of(found: list[Kit]) -> list[KitLine]:
    """Rows of a list, in two queries whatever their number."""
    about = service.about_files(kit.case_id for kit in found)
    lines = []
    for kit in found:
        provisional = getattr(kit, "provisional", None)
        lines.append(
            KitLine(
                kit=kit,
                name=about[kit.case_id].name,
                number=about[kit.case_id].number,
                danger=about[kit.case_id].danger,
                urgent=about[kit.case_id].urgent,
                state=words.KIT_STATES[KitState(kit.state)],
                until_us=provisional.until_us if provisional and not provisional.settled_at_us else None,
                waits_for_second=bool(provisional and not provisional.second),
                zone=about[kit.case_id].zone,
            )
        )
    return lines
