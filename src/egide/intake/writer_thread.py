"""The writer as a thread of this process; `entrypoints/serving/writing.py` has it as a process of its own."""

import queue
import threading
from collections.abc import Callable

from egide.intake.lanes import Lanes
from egide.intake.passing import Deliver, Item
from egide.intake.writer import Writer


class WriterThread:
    """A store in this process: the writer runs in a thread and takes what waits as one group."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._queue: queue.SimpleQueue[Item | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def start(self, deliver: Deliver, lost: Callable[[], None]) -> None:
        """Start the thread; `deliver` is called in it."""
        self._writer.warm()
        self._thread = threading.Thread(
            target=self._run, args=(deliver, lost), name="intake-writer", daemon=True
        )
        self._thread.start()

    def put(self, item: Item) -> None:
        """Take one item, from any thread."""
        self._queue.put(item)

    def stop(self) -> None:
        """Finish what waits, then end the thread."""
        self._queue.put(None)
        if self._thread is not None:
            self._thread.join()

    def _run(self, deliver: Deliver, lost: Callable[[], None]) -> None:
        try:
            self._write_until_stopped(deliver)
        finally:
            # Also when the writer failed: nobody may wait for an answer that will not come.
            lost()

    def _write_until_stopped(self, deliver: Deliver) -> None:
        lanes, is_open = Lanes(), True
        while is_open or lanes:
            is_open = self._fill(lanes) and is_open
            if group := lanes.take():
                deliver(lanes.answers(self._writer.handle(group)))
                self._writer.note_remembered()

    def _fill(self, lanes: Lanes) -> bool:
        """Take everything that waits, at least one item when there is none yet; False when it is time to stop."""
        is_open = True
        while not (self._queue.empty() and lanes):
            item = self._queue.get()
            if item is None:
                is_open = False
                break
            lanes.add(item)
        return is_open
