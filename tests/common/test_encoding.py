"""JSON into typed shapes, by many threads at once."""

import subprocess
import sys

# Each round has shapes that nobody knows yet; three threads are the first to decode to them. Turns are short, so that
# one finds what another has half learnt.
TOGETHER = """
import sys, threading
import msgspec
from egide.common.encoding import decoder_of

sys.setswitchinterval(1e-6)
DATA = b'{"number": 1, "at": {"x": 1, "y": 2}, "others": [{"x": 3, "y": 4}], "text": "t"}'


def decode(shape, ready, found):
    ready.wait()
    found.append(decoder_of(shape).decode(DATA))


for number in range(100):
    at, other = (msgspec.defstruct(name + str(number), [("x", int), ("y", int)]) for name in ("At", "Other"))
    fields = [("number", int), ("at", at), ("others", tuple[other, ...]), ("text", str)]
    shape, ready, found = msgspec.defstruct("Shape" + str(number), fields), threading.Barrier(3), []
    threads = [threading.Thread(target=decode, args=(shape, ready, found)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [(one.at.y, one.others[0].x, one.text) for one in found] == [(2, 3, "t")] * 3, found
print("decoded")
"""


def test_threads_that_are_the_first_to_decode_to_a_shape_do_it_one_after_another() -> None:
    done = subprocess.run([sys.executable, "-c", TOGETHER], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (0, "decoded\n"), done.stderr
