"""200 boards that look at a street map at once: how soon each has its pieces, and what a row that is fetched meanwhile
waits.

A real web process. The map is one of pictures without a likeness, so that nothing is packed away: as many tiles as the
country's towns have, each as large as a dense one. Each board asks as Leaflet does, over as many connections as a
browser has: the head of the file, then all that a window shows. Everybody looks at another town within the same second.
"""

import asyncio
import random
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import click
import uvloop
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from benchmarks.machine import group_cpu_s, percentile_ms
from egide.entrypoints.stack.installation import Stack
from egide.geography.tiles.archive import STREETS
from egide.geography.tiles.importing import do_import
from tests.support.boards import HttpBoard

BOARDS, TILES, TILE_BYTES, SHOWN = 200, 4_000, 45_000, 12
OPERATOR = "hainaut-12"
ZOOM = 15
# As pmtiles asks for the head of a file; as a browser has connections to one host.
HEAD_BYTES, CONNECTIONS = 16_384, 6
WITHIN_S = 1.0


class Looked(NamedTuple):
    """One round. Times are in milliseconds; `busy` is the share of one processor that `web` used."""

    boards: int
    pieces: int
    megabytes: float
    piece_p50_ms: float
    piece_p95_ms: float
    piece_p99_ms: float
    window_p50_ms: float
    window_p95_ms: float
    row_alone_p50_ms: float
    row_meanwhile_p50_ms: float
    row_meanwhile_p99_ms: float
    seconds: float
    busy: float


def write_map(path: Path) -> list[tuple[int, int]]:
    """A PMTiles file of noise; where its tiles lie in it (first byte, length)."""
    chance = random.Random(1)
    header: dict[str, Any] = {
        "tile_type": TileType.JPEG,
        "tile_compression": Compression.NONE,
        "min_lon_e7": 25_000_000,
        "min_lat_e7": 494_000_000,
        "max_lon_e7": 65_000_000,
        "max_lat_e7": 516_000_000,
        "center_zoom": ZOOM,
        "center_lon_e7": 45_000_000,
        "center_lat_e7": 505_000_000,
    }
    with path.open("wb") as file:
        writer = Writer(file)
        for number in range(TILES):
            place = zxy_to_tileid(ZOOM, 16_600 + number % 64, 10_900 + number // 64)
            writer.write_tile(place, chance.randbytes(chance.randint(TILE_BYTES // 2, TILE_BYTES * 3 // 2)))
        entries = list(writer.tile_entries)
        writer.finalize(header, {"attribution": "noise"})
        begin = header["tile_data_offset"]
    return [(begin + entry.offset, entry.length) for entry in entries]


class Board:
    """One operator's page, with its connections."""

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        connector = aiohttp.TCPConnector(limit=CONNECTIONS)
        self._session = aiohttp.ClientSession(connector=connector, headers=headers)
        self._url = url
        self.pieces_s: list[float] = []
        self.bytes = 0

    async def _piece(self, first: int, length: int) -> None:
        loop = asyncio.get_running_loop()
        begun_s = loop.time()
        headers = {"Range": f"bytes={first}-{first + length - 1}"}
        async with self._session.get(self._url, headers=headers) as reply:
            data = await reply.read()
            assert (reply.status, len(data)) == (206, length), reply.status
        self.pieces_s.append(loop.time() - begun_s)
        self.bytes += length

    async def look(self, after_s: float, shown: list[tuple[int, int]]) -> float:
        """Open the map after a while; the seconds until all of the window is there."""
        await asyncio.sleep(after_s)
        loop = asyncio.get_running_loop()
        begun_s = loop.time()
        await self._piece(0, HEAD_BYTES)
        await asyncio.gather(*(self._piece(*place) for place in shown))
        return loop.time() - begun_s

    async def close(self) -> None:
        await self._session.close()


async def _rows(url: str, headers: dict[str, str], until: asyncio.Event, most: int = 10_000) -> list[float]:
    """Fetch the list again and again, ten times a second at most; seconds of each."""
    taken_s: list[float] = []
    loop = asyncio.get_running_loop()
    async with aiohttp.ClientSession(headers=headers) as session:
        while not until.is_set() and len(taken_s) < most:
            begun_s = loop.time()
            async with session.get(url) as reply:
                assert reply.status == 200, reply.status
                await reply.read()
            taken_s.append(loop.time() - begun_s)
            await asyncio.sleep(max(0.0, 0.1 - taken_s[-1]))
    return taken_s


async def measure(stack: Stack, places: list[tuple[int, int]], boards: int) -> Looked:
    """The list alone first, then beside all that look at the map."""
    window = HttpBoard(stack, OPERATOR)
    await window.sign_in()
    list_url, headers = window.address()
    url = f"http://127.0.0.1:{stack.ports['web']}/map/{STREETS}.pmtiles"
    never, over = asyncio.Event(), asyncio.Event()
    alone_s = await _rows(list_url, headers, never, most=50)
    chance = random.Random(2)
    pages = [Board(url, headers) for _ in range(boards)]
    looked = [
        page.look(
            chance.uniform(0, WITHIN_S),
            [places[(first + i) % len(places)] for i in range(SHOWN)],
        )
        for page, first in ((page, chance.randrange(len(places))) for page in pages)
    ]
    group = stack.children["web"].process.pid
    loop = asyncio.get_running_loop()
    begun_s, cpu_s = loop.time(), group_cpu_s(group)
    rows = asyncio.create_task(_rows(list_url, headers, over))
    windows_s = await asyncio.gather(*looked)
    seconds, used_s = loop.time() - begun_s, group_cpu_s(group) - cpu_s
    over.set()
    meanwhile_s = await rows
    await asyncio.gather(window.close(), *(page.close() for page in pages))
    pieces_s = [taken_s for page in pages for taken_s in page.pieces_s]
    return Looked(
        boards=boards,
        pieces=len(pieces_s),
        megabytes=sum(page.bytes for page in pages) / 1e6,
        piece_p50_ms=percentile_ms(pieces_s, 0.5),
        piece_p95_ms=percentile_ms(pieces_s, 0.95),
        piece_p99_ms=percentile_ms(pieces_s, 0.99),
        window_p50_ms=percentile_ms(windows_s, 0.5),
        window_p95_ms=percentile_ms(windows_s, 0.95),
        row_alone_p50_ms=percentile_ms(alone_s, 0.5),
        row_meanwhile_p50_ms=percentile_ms(meanwhile_s, 0.5),
        row_meanwhile_p99_ms=percentile_ms(meanwhile_s, 0.99),
        seconds=seconds,
        busy=used_s / seconds,
    )


def run(boards: int = BOARDS) -> Looked:
    """A fresh installation with this map, measured once; under a minute."""
    with tempfile.TemporaryDirectory(prefix="egide-bench-") as directory:
        file = Path(directory) / "noise.pmtiles"
        places = write_map(file)
        with Stack(Path(directory) / "data") as stack:
            stack.start()
            do_import(file, stack.config.map_file(STREETS), STREETS)
            return uvloop.run(measure(stack, places, boards))


@click.command()
@click.option("--boards", default=BOARDS, show_default=True)
def main(boards: int) -> None:
    """Measure and print."""
    for name, value in run(boards)._asdict().items():
        click.echo(f"{name:<22} {value:.1f}" if isinstance(value, float) else f"{name:<22} {value}")


if __name__ == "__main__":
    main()
