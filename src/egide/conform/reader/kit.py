"""The kit that checks a reader of exports: all its points, in the order in which they are tried."""

from egide.conform.points import Kit
from egide.conform.reader import checkpoints, exports
from egide.conform.reader.lab import ReaderLab

KIT: Kit[ReaderLab] = Kit("reader", (exports.KIT, checkpoints.KIT))
