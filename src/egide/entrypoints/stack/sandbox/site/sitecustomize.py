"""Python runs this first in each process of a sandbox: its folder stands in PYTHONPATH there, and nowhere else."""

from egide.entrypoints.stack.sandbox.begin import begin

begin()
