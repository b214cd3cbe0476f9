"""What this connector is: readings and changes of accounts, told to the authority's own monitoring."""

from pathlib import Path

from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.common.text import gettext_noop as _
from egide.connectors.audit.road import AuditRoad, problems
from egide.connectors.base import Alert, Attempt, Connector, RoadError


def _check(config: Config, _alert: Alert) -> None:
    try:
        road = AuditRoad(config, SystemClock())
    except ValueError as error:
        raise RoadError(f"{error} is no address") from error
    try:
        road.check()
    finally:
        road.close()


def _keys(config: Config) -> tuple[Path, ...]:
    return (Path(config.audit_certificate),) if config.audit_certificate else ()


DECLARED = Connector(
    name="audit",
    title=_("Audit feed"),
    whom=_("the authority’s own monitoring"),
    carries={
        "reading": _("who opened or asked for which file, by the numbers of account and file"),
        "account": _("what became of accounts"),
    },
    needs=("audit_syslog",),
    settings=("audit_certificate",),
    events=("FileOpened", "FileAsked", "FileAskAnswered"),
    faults=problems,
    keys=_keys,
    attempt=Attempt(_check),
    beat="worker audit",
    parts={"out": _("Last message")},
)
