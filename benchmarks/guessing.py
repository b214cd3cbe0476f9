"""`python -m benchmarks.guessing`: how long a board waits while others guess passwords (safety rule 42: p99 of 200 ms).

A whole installation; an operator's board is fetched one time after the other, quiet and beside 16 and 64 connections
that try passwords as fast as they are answered, from processes of their own.
"""

import http.client
import multiprocessing
import tempfile
import time
from pathlib import Path

import click

from benchmarks.machine import describe, percentile_ms
from egide.entrypoints.stack import Stack
from tests.support.attacks import Guesser

_PROCESSES = 4


def guess(port: int, first: int, count: int) -> None:
    """Try passwords on `count` connections, without end."""
    guessers = [
        Guesser(http.client.HTTPConnection("localhost", port), number)
        for number in range(first, first + count)
    ]
    while True:
        for guesser in guessers:
            guesser.ask()
        for guesser in guessers:
            guesser.answer()


def board_of(stack: Stack, name: str) -> tuple[http.client.HTTPConnection, dict[str, str]]:
    """An operator's connection, signed in through the demo's door, with the headers of a board."""
    connection = http.client.HTTPConnection("localhost", stack.ports["web"])
    connection.request("GET", next(user["door"] for user in stack.demo["users"] if user["name"] == name))
    answer = connection.getresponse()
    answer.read()
    cookies = [text.partition(";")[0] for text in answer.msg.get_all("Set-Cookie", [])]
    return connection, {"Cookie": "; ".join(cookies), "X-Egide-Fragment": "1"}


def looked(connection: http.client.HTTPConnection, headers: dict[str, str], times: int) -> list[float]:
    """How many seconds each look at the board took."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        connection.request("GET", "/desk/board", headers=headers)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, answer.status
        took.append(time.perf_counter() - began)
    return took


@click.command()
@click.option("--looks", default=300, help="at the board, for each row")
def main(looks: int) -> None:
    """Print a table."""
    click.echo(
        f"{describe()['processors']}, {looks} looks each\n\n| connections that guess | p50 ms | p99 ms |\n|---|---|---|"
    )
    with tempfile.TemporaryDirectory() as place, Stack(Path(place)) as stack:
        stack.start()
        board, headers = board_of(stack, "hainaut-12")
        looked(board, headers, 50)
        for connections in (0, 16, 64):
            each = connections // _PROCESSES
            guessers = [
                multiprocessing.Process(
                    target=guess, args=(stack.ports["web"], number * each, each), daemon=True
                )
                for number in range(_PROCESSES if each else 0)
            ]
            for guesser in guessers:
                guesser.start()
            if guessers:
                time.sleep(2)
            took = looked(board, headers, looks)
            for guesser in guessers:
                guesser.terminate()
            click.echo(
                f"| {connections} | {percentile_ms(took, 0.5):.1f} | {percentile_ms(took, 0.99):.1f} |"
            )


if __name__ == "__main__":
    main()
