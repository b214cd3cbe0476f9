"""`egide conform reader`: the published reader keeps every point, and one that breaks a point is found by it.

Bad readers are the published one with lines of it replaced: what it does not look at any more is what it misses.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from egide.common.config import Config
from egide.conform.points import Report, Verdict
from egide.conform.reader.kit import KIT
from egide.conform.reader.lab import TOMORROW, Asked, Read, ReaderLab
from egide.entrypoints.cli.journal import journal
from tests.support.commands import run
from tools.tree import ROOT

SOURCE = (ROOT / "contracts" / "examples" / "verify_export.py").read_text(encoding="utf-8")
Edit = tuple[str, str]

HASH: Edit = ('if row_hash(row) != row["hash"]:', "if False:")
NUMBERS: Edit = ("if seq != last + 1 if whole else seq <= last:", "if False:")
PREDECESSOR: Edit = (' or row["prev"] != head:', ":")
VERSIONS: Edit = ('if row["version"] != version + 1 or row["prev"] != head:', "if False:")
PROOF: Edit = ("if said != expected:", "if False:")
END: Edit = ("if proof is None:", "if proof is None:\n        return\n    if False:")
SEAL: Edit = (
    "    except InvalidTag:\n        raise Wrong(",
    "    except InvalidTag:\n        return {}\n        raise Wrong(",
)
STREAM: Edit = ('if not whole and {row["stream"] for row in rows} != {header["stream"]}:', "if False:")
SIGNED: Edit = ("        if one is None:\n", "        if False:\n")
UNSIGNED: Edit = ('signature"], statement):\n        return None', 'signature"], statement):\n        pass')
TRUSTED: Edit = ('if one["seq"] > until.get(one["public_key"], -1):', "if False:")
COMPARED: Edit = ("if sums[seq] != running:", "if False:")
SAW_MORE: Edit = (
    "        if seq > last:\n            raise",
    "        if seq > last:\n            continue\n            raise",
)
REFUSES: Edit = (
    '    whole = not header.get("stream")',
    '    raise Wrong("never")\n    whole = not header.get("stream")',
)
ONLY_ONE: Edit = (
    '    whole = not header.get("stream")',
    '    whole = not header.get("stream")\n    if whole:\n        raise Wrong("whole")',
)
NO_CHECKPOINTS: Edit = (
    "    if arguments.checkpoints:\n",
    '    if arguments.checkpoints:\n        raise Wrong("no")\n',
)

BAD: dict[str, tuple[Edit, ...]] = {
    "one-alarm": (REFUSES,),
    "opened": ((", **json.loads(plain)}", "}"),),
    "tomorrow": (
        (
            "opened(row, key) for row in rows]",
            f'opened(row, key) for row in rows if row["kind"] != "{TOMORROW}"]',
        ),
    ),
    "whole": (ONLY_ONE,),
    **{
        f"changed-{what}": (HASH, SEAL)
        for what in ("body", "kind", "time", "centre", "zone", "case", "cause")
    },
    "missing": (NUMBERS, VERSIONS, PROOF),
    "missing-first": (NUMBERS, VERSIONS, PROOF),
    "missing-last": (PROOF,),
    "doubled": (NUMBERS, VERSIONS, PROOF),
    "swapped": (NUMBERS, VERSIONS, PROOF),
    "added": (PROOF, SEAL),
    "predecessor": (PREDECESSOR,),
    "gap": (NUMBERS,),
    "cut-off": (END,),
    "last-line": (PROOF,),
    "another-format": (('!= "egide-journal-1":', '== "":'),),
    "another-stream": (STREAM, SEAL),
    "another-key": (SEAL,),
    "another-label": (SEAL,),
    "nothing": (('        raise Wrong("the file is empty or cut off")', "        return []"),),
    "checkpoints": (NO_CHECKPOINTS,),
    "torn-line": (
        (
            '            sys.stderr.write("one line',
            '            raise Wrong("torn")\n            sys.stderr.write("one line',
        ),
    ),
    "restored": (("        if is_gone(seen, restores):\n            continue\n", ""),),
    "key-handed-on": (("    for come, go in ((", "    for come, go in () and (("),),
    "wrong-signature": (UNSIGNED,),
    "strange-key": (TRUSTED,),
    "rebuilt": (COMPARED,),
    "end-cut-off": (SAW_MORE,),
    "key-handed-on-twice": (("if len({(one", "if False and len({(one"), TRUSTED),
    "former-key": (TRUSTED,),
    "taken-over": (('if "next_key" in found and not is_signed', "if False and not is_signed"),),
    "restore-hides-nothing-later": ((' and seen["at_us"] <= r["at_us"]', ""),),
}


class Published:
    """The published reader in this process, with these lines of it replaced."""

    def __init__(self, folder: Path, *edits: Edit) -> None:
        source = SOURCE
        for old, new in edits:
            assert source.count(old) >= 1, old
            source = source.replace(old, new)
        self._made: dict[str, Any] = {"__name__": "reader"}
        exec(compile(source, "reader", "exec"), self._made)  # noqa: S102 a file of this repository
        self._folder = folder

    async def read(self, asked: Asked) -> Read:
        export, checkpoints = self._folder / "export", self._folder / "checkpoints"
        export.write_bytes(asked.export)
        checkpoints.write_bytes(asked.checkpoints)
        arguments = argparse.Namespace(
            file=export, checkpoints=checkpoints if asked.checkpoints else None, key=asked.key
        )
        try:
            printed = [json.dumps(line) for line in self._made["check"](arguments)]
        except self._made["Wrong"] as error:
            return Read(1, str(error))
        except (ValueError, KeyError, TypeError) as error:
            return Read(1, f"damaged: {error}")
        return Read(0, "\n".join(printed))


async def examine(reader: Published) -> Report:
    return await KIT.examine(ReaderLab(reader.read), "theirs")


async def test_the_published_reader_keeps_every_point(tmp_path: Path) -> None:
    report = await examine(Published(tmp_path))
    assert [one for one in report.findings if one.verdict is not Verdict.HOLDS] == []
    assert report.exit_code == 0 and len(report.findings) == len(KIT.points)


@pytest.mark.parametrize("broken", [point.id for point in KIT.points])
async def test_a_reader_that_breaks_a_point_is_found_by_it(tmp_path: Path, broken: str) -> None:
    report = await examine(Published(tmp_path, *BAD[broken]))
    found = {one.point.id: one for one in report.findings}
    assert found[broken].verdict is Verdict.DEVIATES and report.exit_code == 1


async def test_our_own_commands_keep_every_point(tmp_path: Path) -> None:
    """`egide journal verify`, and of one alarm `egide journal show`, which opens it."""
    runner, config = CliRunner(), Config(data_dir=tmp_path / "data")

    async def read(asked: Asked) -> Read:
        export, checkpoints = tmp_path / "export", tmp_path / "checkpoints"
        export.write_bytes(asked.export)
        checkpoints.write_bytes(asked.checkpoints)
        more = ("--checkpoints", str(checkpoints), "--key", asked.key) if asked.checkpoints else ()
        said = runner.invoke(journal, ["verify", str(export), *more], env=config.environment())
        if said.exit_code == 0 and b'"key":"' in asked.export.partition(b"\n")[0]:
            said = runner.invoke(journal, ["show", str(export)], env=config.environment())
        assert said.exception is None or isinstance(said.exception, SystemExit), said.exception
        return Read(said.exit_code, said.output)

    report = await KIT.examine(ReaderLab(read), "ours")
    assert [one for one in report.findings if one.verdict is not Verdict.HOLDS] == []


def test_the_command_asks_a_command_and_says_how_it_ended(tmp_path: Path) -> None:
    config = Config(data_dir=tmp_path)
    never = run(config, "conform", "reader", "--json", "--", "sh", "-c", "exit 3")
    report = json.loads(never.stdout)
    assert never.returncode == 1 and report["of"] == "sh -c 'exit 3'"
    wrong = {one["id"] for one in report["points"] if one["verdict"] == "deviates"}
    assert {"one-alarm", "whole", "checkpoints"} <= wrong and "missing" not in wrong
    absent = run(config, "conform", "reader", "--", str(tmp_path / "absent"))
    assert absent.returncode == 1 and "no answer" in absent.stdout


@pytest.mark.full("tests/conform/test_reader.py::test_the_published_reader_keeps_every_point")
def test_the_published_reader_keeps_every_point_as_a_program(tmp_path: Path) -> None:
    script = str(ROOT / "contracts" / "examples" / "verify_export.py")
    said = run(Config(data_dir=tmp_path), "conform", "reader", "--", sys.executable, script)
    assert said.returncode == 0, said.stdout
