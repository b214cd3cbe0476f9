"""What administrators measure: counts and ages as Prometheus metrics. No name, no place, no file, no kit.

Read from clear columns and signs of life alone; no key of a case is needed. `docs/operations/` says what to look at.
"""

from collections.abc import Callable, Iterator, Mapping

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from egide.common.clock import Clock
from egide.common.config import Config
from egide.entrypoints.doctor import kept
from egide.entrypoints.serving.connections import COUNTED
from egide.journal.now.heartbeats import Heartbeats
from egide.journal.now.presence import Presence
from egide.journal.now.signs import ALARM, Signs
from egide.journal.queries import general as queries
from egide.journal.queries import watched as queries_watched
from egide.journal.service import Journal

BOARD_ALIVE_US = 20_000_000
# Of models: (what, "button" or "phone", model) -> open troubles, and (kind, model, state) -> items of the stock.
Models = tuple[Mapping[tuple[str, str, str], int], Mapping[tuple[str, str, str], int]]


class Metrics(Collector):
    """Reads everything anew whenever somebody asks. Raises JournalUnavailable.

    `models` counts troubles and stock by model; it is asked here because only the pages' database knows models.
    """

    def __init__(self, config: Config, journal: Journal, clock: Clock, models: Callable[[], Models]) -> None:
        self._config = config
        self._journal = journal
        self._clock = clock
        self._signs = Signs(config, clock)
        self._heartbeats = Heartbeats(config)
        self._presence = Presence(config)
        self._models = models

    def collect(self) -> Iterator[Metric]:
        now_us = self._clock.now_us()
        yield from self._chain(now_us)
        yield from self._processes(now_us)
        yield from self._kits(now_us)
        yield from self._by_model()
        yield self._backup(now_us)

    def _backup(self, now_us: int) -> Metric:
        """No number where no place for back-ups is set, and infinite where there is none yet."""
        age = GaugeMetricFamily("egide_backup_age_seconds", "Since the last back-up")
        if (age_s := kept.age_s(self._config, now_us)) is not None:
            age.add_metric([], age_s)
        return age

    def _chain(self, now_us: int) -> Iterator[Metric]:
        yield _gauge("egide_journal_head", "Number of the last event in the journal", self._journal.head())
        yield _gauge("egide_open_alarms", "Alarms that are open now", len(self._journal.open_alarms()))
        alive = sum(now_us - board.seen_at_us < BOARD_ALIVE_US for board in self._presence.boards())
        yield _gauge("egide_boards", "Boards that gave a sign of life within 20 seconds", alive)
        if routed_us := queries.canary_routed_us(self._journal):
            age_s = (now_us - routed_us) / 1e6
            yield _gauge(
                "egide_canary_age_seconds", "Since a control press came through the whole chain", age_s
            )
        found: dict[str, int] = {}
        for trouble in self._signs.troubles():
            found[trouble.kind] = found.get(trouble.kind, 0) + 1
        on_no_board = found.pop(ALARM, 0)
        yield _gauge("egide_alarms_on_no_board", "Alarms that no board has painted in time", on_no_board)
        wrong = GaugeMetricFamily(
            "egide_chain_trouble", "Parts of the chain that watch finds wrong", labels=["part"]
        )
        for part, number in sorted(found.items()):
            wrong.add_metric([part], number)
        yield wrong
        tries = "Tries to wake a page by Web Push, by result"
        yield self._by_result("egide_push_tries", tries, "push", ("taken", "failed"))
        reminders = "Reminders by e-mail and Web Push, by result"
        yield self._by_result("egide_reminders", reminders, "reminders", ("sent", "failed"))

    def _by_result(self, name: str, words: str, counted_as: str, results: tuple[str, ...]) -> Metric:
        counter = CounterMetricFamily(name, words, labels=["result"])
        counted = self._signs.counts(f"{counted_as} ")
        for result in results:
            counter.add_metric([result], counted.get(f"{counted_as} {result}", 0))
        return counter

    def _processes(self, now_us: int) -> Iterator[Metric]:
        age = GaugeMetricFamily(
            "egide_process_age_seconds",
            "Since the last sign of life of a process or thread",
            labels=["process"],
        )
        behind = GaugeMetricFamily(
            "egide_process_behind", "What waits for it: events, messages or rows", labels=["process"]
        )
        for name, beat in self._signs.beats().items():
            age.add_metric([name], (now_us - beat.at_us) / 1e6)
            behind.add_metric([name], beat.behind)
        yield age
        yield behind
        yield self._connections()

    def _connections(self) -> Metric:
        """Counted by the processes themselves (`connections.py`)."""
        ended = CounterMetricFamily(
            "egide_connections_ended",
            "Connections that a process ended to have room, or because they took too long",
            labels=["process", "reason"],
        )
        for name, number in self._signs.counts(COUNTED).items():
            process, reason = name.removeprefix(COUNTED).split(" ")
            ended.add_metric([process, reason], number)
        return ended

    def _kits(self, now_us: int) -> Iterator[Metric]:
        watched = GaugeMetricFamily(
            "egide_kits_watched", "Kits that are out, by the level of the danger", labels=["level"]
        )
        for level, number in queries_watched.watched_by_level(self._journal).items():
            watched.add_metric([level], number)
        yield watched
        troubles = GaugeMetricFamily(
            "egide_kit_troubles",
            "Open troubles of kits, by what it is and who was told last",
            labels=["what", "told"],
        )
        for what, told, number in queries_watched.troubles_counted(self._journal):
            troubles.add_metric([what, told], number)
        yield troubles
        waiting, late_s = self._heartbeats.waiting(now_us // 1_000_000)
        yield _gauge("egide_kits_due", "Kits that supervision must look at and has not yet", waiting)
        yield _gauge("egide_kits_due_seconds", "For how long the first of them has been due", max(0, late_s))

    def _by_model(self) -> Iterator[Metric]:
        troubles, items = self._models()
        wrong = GaugeMetricFamily(
            "egide_kit_troubles_by_model",
            "Open troubles of kits, by model of the button or of a lent phone",
            labels=["what", "kind", "model"],
        )
        for labels, number in sorted(troubles.items()):
            wrong.add_metric(labels, number)
        yield wrong
        stock = GaugeMetricFamily(
            "egide_items",
            "Buttons and phones of the stock, by model and state",
            labels=["kind", "model", "state"],
        )
        for labels, number in sorted(items.items()):
            stock.add_metric(labels, number)
        yield stock


def _gauge(name: str, what: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, what, value=value)
