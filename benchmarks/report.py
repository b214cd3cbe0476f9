"""The table: what was measured, what is required, and what each acknowledgement guarantees."""

from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.boards import MOVE_S, Boards
from benchmarks.chain import Chain
from benchmarks.fragments import Fragment
from benchmarks.machine import median
from benchmarks.phone_app import PhoneApps
from benchmarks.phone_app import as_markdown as phone_tables
from benchmarks.routing import Row
from benchmarks.senders import Measured
from benchmarks.yardsticks import CHECKS_NAME, Yardstick

GUARANTEES = """\
- **Egide**: the signature of the press is checked; the event is sealed, chained and unique by device and counter; a
  commit of SQLite (WAL, `synchronous=FULL`) has returned; the receipt is signed. Nothing that was acknowledged is lost
  when the power fails, if the disk keeps what fdatasync promises. A repeat gets the first receipt again.
- **NATS JetStream** with `sync_interval: always`: the message is in the stream's file and was synced to the disk. It is
  not verified, sealed, signed or chained, and a repeat is a second message (no deduplication id is sent).
- **seen**: on the live stream of a subscriber (Egide: an event `(seq, kind, stream)` by server-sent events, after the
  commit; NATS: the message itself from a push consumer without acknowledgements).
- One machine, loopback, one load process; messages are prepared before the clock runs. Each sender waits for its
  acknowledgement before it sends the next. Egide: HTTP/1.1 on kept-open connections; NATS: its own protocol."""


@dataclass
class Content:
    """Everything that the report shows."""

    machine: dict[str, str]
    senders: int
    seconds: float
    rounds: dict[str, list[Measured]]
    yardsticks: dict[str, list[Yardstick]]
    cpu_us: dict[str, list[float]]
    routing: list[Row]
    chain: Chain | None
    fragments: list[Fragment]
    boards: Boards | None
    phone: PhoneApps | None


def middle(rounds: list[Measured]) -> Measured:
    """The median of each column over the rounds."""
    every = [asdict(r) for r in rounds]
    columns: dict[str, Any] = {name: median([one[name] for one in every]) for name in every[0]}
    return Measured(**columns)


def in_checks(content: Content) -> float:
    """Intake's processor time for a press, in signature checks of the same rounds."""
    checks_us = [1e6 / y.per_s for y in content.yardsticks[CHECKS_NAME]]
    return median([press / check for press, check in zip(content.cpu_us["intake"], checks_us, strict=True)])


def as_json(content: Content) -> dict[str, Any]:
    """The same for programs, with every round."""
    return {
        "machine": content.machine,
        "rounds": {name: [asdict(r) for r in rounds] for name, rounds in content.rounds.items()},
        "yardsticks_per_s": {name: [y.per_s for y in rounds] for name, rounds in content.yardsticks.items()},
        "cpu_us_per_message": content.cpu_us,
        "routing": [row._asdict() for row in content.routing],
        "chain": content.chain._asdict() if content.chain else None,
        "fragments": [fragment._asdict() for fragment in content.fragments],
        "boards": content.boards._asdict()
        | {"at_rest": content.boards.at_rest._asdict(), "loaded": content.boards.loaded._asdict()}
        if content.boards
        else None,
        "phone": asdict(content.phone) if content.phone else None,
    }


def as_markdown(content: Content) -> str:
    """The report."""
    medians = {name: middle(rounds) for name, rounds in content.rounds.items()}
    count = len(next(iter(content.rounds.values())))
    parts = [
        "# What a press costs",
        "Made by `make bench`. "
        + "; ".join(f"{key}: {value}" for key, value in content.machine.items())
        + ".",
        f"Medians of {count} interleaved rounds. Times from sending, in milliseconds.",
        _messages(medians),
        _ratio(medians, content.senders),
        _required(medians, content.senders),
        _yardsticks(content),
        "Processor time for each message with many senders: "
        + ", ".join(f"{name} {median(values):.0f} µs" for name, values in content.cpu_us.items())
        + f". That of intake is {in_checks(content):.2f} times one signature check (4 at most).",
    ]
    if content.chain:
        parts.append(_chain(content.chain))
    if content.fragments:
        parts.append(_fragments(content.fragments))
    if content.boards:
        parts += [_boards(content.boards), _load(content.boards)]
    if content.phone:
        parts.append(phone_tables(content.phone))
    if content.routing:
        parts.append(_routing(content.routing))
    parts += ["## What an acknowledgement means", GUARANTEES]
    return "\n\n".join(parts) + "\n"


def _table(heads: list[str], rows: list[list[str]]) -> str:
    lines = [heads, ["---"] + ["---:"] * (len(heads) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _messages(medians: dict[str, Measured]) -> str:
    heads = ["", "per second", "acknowledged p50", "p99", "seen p50", "p99", "seen of sent"]
    return _table(
        heads,
        [
            [
                name,
                f"{m.per_s:,.0f}",
                f"{m.acked_p50_ms:.2f}",
                f"{m.acked_p99_ms:.2f}",
                f"{m.seen_p50_ms:.2f}",
                f"{m.seen_p99_ms:.2f}",
                f"{m.seen:,} / {m.sent:,}",
            ]
            for name, m in medians.items()
        ],
    )


def _ratio(medians: dict[str, Measured], senders: int) -> str:
    ours, theirs = medians[f"Egide, {senders} senders"], medians[f"NATS, {senders} senders"]
    return (
        f"Egide to NATS with {senders} senders: rate {ours.per_s / theirs.per_s:.2f}, acknowledged p99"
        f" {ours.acked_p99_ms / theirs.acked_p99_ms:.2f}, seen p99 {ours.seen_p99_ms / theirs.seen_p99_ms:.2f}."
    )


def _required(medians: dict[str, Measured], senders: int) -> str:
    alone, many = medians["Egide, one after the other"], medians[f"Egide, {senders} senders"]
    checks = [
        ("one after the other: receipt p50", alone.acked_p50_ms, "≤ 1.5 ms", alone.acked_p50_ms <= 1.5),
        ("one after the other: receipt p99", alone.acked_p99_ms, "≤ 4 ms", alone.acked_p99_ms <= 4),
        ("one after the other: live p99", alone.seen_p99_ms, "≤ 5 ms", alone.seen_p99_ms <= 5),
        (f"{senders} senders: alarms a second", many.per_s, "≥ 4,000", many.per_s >= 4000),
        (f"{senders} senders: receipt p99", many.acked_p99_ms, "≤ 20 ms", many.acked_p99_ms <= 20),
    ]
    rows = [
        [name, f"{value:,.2f}" if value < 1000 else f"{value:,.0f}", bound, "yes" if holds else "**no**"]
        for name, value, bound, holds in checks
    ]
    return _table(["required", "measured", "bound", "holds"], rows)


def _chain(chain: Chain) -> str:
    checks = [
        (f"end of the hold to painted row, p50 of {chain.presses}, ms", chain.painted_p50_ms, 150),
        (f"end of the hold to painted row, p99 of {chain.presses}, ms", chain.painted_p99_ms, 300),
        ("demo ready, s", chain.ready_s, 5),
        ("all processes without the browser, PSS, MB", chain.memory_mb, 450),
    ]
    rows = [
        [name, f"{value:,.1f}", f"≤ {bound}", "yes" if value <= bound else "**no**"]
        for name, value, bound in checks
    ]
    return _table(["whole chain, real Bluetooth stack and browser", "measured", "bound", "holds"], rows)


def _fragments(fragments: list[Fragment]) -> str:
    rows = [
        [
            each.name,
            f"{each.p50_ms:.1f}",
            f"{each.p99_ms:.1f}",
            f"{each.size_kb:.0f}",
            "p50 ≤ 20",
            "yes" if each.p50_ms <= 20 else "**no**",
        ]
        for each in fragments
    ]
    heads = [
        "open alarms at the server, moving before each request",
        "p50 ms",
        "p99 ms",
        "kB",
        "required",
        "holds",
    ]
    return _table(heads, rows)


def _boards(boards: Boards) -> str:
    at_rest, loaded = boards.at_rest, boards.loaded
    checks = [
        ("receipt of a move to each board's event, p50, ms", boards.heard_p50_ms, None),
        ("receipt of a move to each board's event, p99, ms", boards.heard_p99_ms, 500),
        ("receipt of a move to each board's painted row, p50, ms", boards.painted_p50_ms, None),
        ("receipt of a move to each board's painted row, p99, ms", boards.painted_p99_ms, 500),
        ("share of one processor that web used, %", 100 * boards.busy["web"], 50),
        (f"at rest: deadline noticed after, p99 of {at_rest.deadlines}, ms", at_rest.p99_ms, 250),
        ("at rest: deadline noticed after, the worst, ms", at_rest.most_ms, 250),
        (f"loaded: deadline noticed after, p99 of {loaded.deadlines}, ms", loaded.p99_ms, 250),
        ("loaded: deadline noticed after, the worst, ms", loaded.most_ms, None),
        ("rows that the stream did not bring, fetched alone", boards.fetched_alone, None),
        ("one list fetched, p50, ms", boards.list_p50_ms, None),
        ("one list fetched, p99, ms", boards.list_p99_ms, None),
    ]
    rows = [
        [
            name,
            f"{value:,.1f}",
            f"≤ {bound}" if bound else "",
            ("yes" if value <= bound else "**no**") if bound else "",
        ]
        for name, value, bound in checks
    ]
    head = f"{boards.boards} boards, {boards.alarms} open alarms that move every {MOVE_S:.0f} s"
    return _table([head, "measured", "bound", "holds"], rows)


def _load(boards: Boards) -> str:
    busy = ", ".join(f"{name} {share:.0%}" for name, share in boards.busy.items())
    return (
        f"{boards.heard:,} of {boards.wanted:,} moves were heard, and {boards.painted:,} painted."
        f" Share of one processor meanwhile: {busy}."
    )


def _yardsticks(content: Content) -> str:
    rows = [
        [name, f"{median([y.per_s for y in rounds]):,.0f}", rounds[0].note]
        for name, rounds in content.yardsticks.items()
    ]
    return _table(["yardstick", "per second", "what it guarantees"], rows)


def _routing(routing: list[Row]) -> str:
    rows = [
        [
            row.name,
            f"{row.p50_us:.0f}",
            f"{row.p99_us:.0f}",
            f"{row.bound} ≤ {row.required_us:,.0f}",
            "yes" if row.holds else "**no**",
        ]
        for row in routing
    ]
    return _table(["routing", "p50 µs", "p99 µs", "required", "holds"], rows)
