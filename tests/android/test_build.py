"""The whole build of the Android app: the same bytes twice, small, signed, what is in it, and that it is handed out."""

import hashlib
import re
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from egide.common.config import Config
from egide.fleet.native.apk import Apk, read_apk
from egide.fleet.native.published import file_of, published
from tests.support.android_pages import policy
from tests.support.commands import run
from tools import android_core
from tools.android import build
from tools.android.java import CannotBuild, compile_all
from tools.android.lint import TABLE, Table, asked, faults, shipped
from tools.android.program import of_dex
from tools.android.toolset import Toolset, toolset

pytestmark = pytest.mark.full("tests/android/test_app.py")


@pytest.fixture(scope="module")
def tools() -> Toolset:
    try:
        return toolset()
    except CannotBuild as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def app(tools: Toolset, built: Path) -> Path:
    """The signed app. What D8 needs is fetched once and kept."""
    return build.build()


def test_two_builds_give_the_same_bytes(app: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = app.read_bytes()
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    monkeypatch.setenv("LC_ALL", "C")
    # Signed with the same key, in another folder, at another time and by another clock.
    shutil.copyfile(app.parent / "throw-away.p12", tmp_path / "throw-away.p12")
    assert build.build(tmp_path).read_bytes() == first


def test_another_jdk_gives_the_same_bytes(tools: Toolset, app: Path, tmp_path: Path) -> None:
    home = Path(android_core.javac()).resolve().parent.parent
    with zipfile.ZipFile(app) as archive:
        assert build.make_dex(tmp_path, replace(tools, home=home)) == archive.read("classes.dex")


def test_the_app_is_small_signed_and_tells_no_telling_name(tools: Toolset, app: Path) -> None:
    assert app.stat().st_size <= build.MOST_BYTES
    said = tools.signer("verify", "-v", "--min-sdk-version", "31", app)
    assert "Verified using v3 scheme (APK Signature Scheme v3): true" in said
    badging = tools.run("aapt2", "dump", "badging", app)
    assert "package: name='local.daily.notes'" in badging
    assert (
        "egide"
        not in "".join(
            line for line in badging.splitlines() if not line.startswith("launchable-activity")
        ).lower()
    )


@pytest.mark.full("tests/fleet/test_native_app.py")
def test_the_built_app_is_handed_out_as_androids_own_tools_read_it(
    tools: Toolset, app: Path, tmp_path: Path
) -> None:
    certificates = tools.signer("verify", "--print-certs", "--min-sdk-version", "31", app)
    # Of the signer once, or once for each scheme: it is one and the same.
    (signer,) = set(re.findall(r"certificate SHA-256 digest: ([0-9a-f]{64})$", certificates, re.MULTILINE))
    badging = tools.run("aapt2", "dump", "badging", app)
    head = re.match(r"package: name='([^']+)' versionCode='(\d+)' versionName='([^']+)'", badging)
    assert head is not None, badging
    data = app.read_bytes()
    told = Apk(head[1], int(head[2]), head[3], len(data), hashlib.sha256(data).hexdigest(), signer)
    assert read_apk(data) == told

    config = Config(tmp_path)
    bent = bytearray(data)
    bent[len(bent) // 2] ^= 1
    (tmp_path / "bent.apk").write_bytes(bent)
    refused = run(config, "android", "publish", str(tmp_path / "bent.apk"))
    assert refused.returncode == 2 and "was changed after it was signed" in refused.stderr
    assert published(config.android_dir) is None
    answer = run(config, "android", "publish", str(app))
    assert answer.returncode == 0, answer.stderr
    assert f"{head[1]}, version {head[3]} ({head[2]}), {len(data)} bytes" in answer.stdout
    assert told.sha256 in answer.stdout and signer in answer.stdout
    assert published(config.android_dir) == told
    assert file_of(config.android_dir, told).read_bytes() == data


def test_the_built_manifest_asks_for_what_the_source_says(tools: Toolset, app: Path) -> None:
    said = tools.run("aapt2", "dump", "permissions", app)
    asked = {
        line.split("name='")[1].split("'")[0]
        for line in said.splitlines()
        if line.startswith("uses-permission")
    }
    source = build.MANIFEST.read_text()
    assert asked and all(f'"{name}"' in source for name in asked)
    assert len(asked) == source.count("<uses-permission ")


def test_the_pages_of_the_app_are_those_of_the_web_app(app: Path) -> None:
    with zipfile.ZipFile(app) as archive:
        packed = {
            name.removeprefix("assets/pages/"): archive.read(name)
            for name in archive.namelist()
            if name.startswith("assets/pages/")
        }
    pages = app.parent / "pages"
    assert packed == {
        path.relative_to(pages).as_posix(): path.read_bytes() for path in pages.rglob("*") if path.is_file()
    }
    assert "native.html" in packed and not any("sw.js" in name or "index.html" in name for name in packed)
    words = b"".join(packed.values())
    assert b"Pain, lait, pommes" in words, "the texts of the web app"
    assert b"indexedDB" not in words and b"/v1/" not in words, (
        "the browser's engine is not among them: two would take one press"
    )
    # A page looks for its films in sign language; the app's policy (connect-src) does not let even that out.
    assert words.count(b"fetch(") == 1 and b"`./sign/`" in words
    assert "connect-src 'none'" in policy()


def test_the_dex_itself_calls_nothing_that_the_oldest_android_lacks(app: Path) -> None:
    with zipfile.ZipFile(app) as archive:
        program = of_dex(archive.read("classes.dex"))
    assert {"egide/app/Keep", "egide/core/protocol/Envelope"} <= program.classes.keys()
    # D8 writes some calls anew: they are looked up here.
    assert faults(program, Table(asked([program], compile_all()[0]))) == []


def test_the_table_says_what_the_pinned_packages_say(built: Path) -> None:
    stubs, core, app = compile_all()
    assert TABLE.read_text() == asked([shipped(core, app)], stubs), "make android-api"
