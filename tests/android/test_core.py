"""The phone's core in Java: its own tests pass, and its classes can be made into an app and back."""

import re
import subprocess
import zipfile
from pathlib import Path

import pytest

from tools import android_core
from tools.android.class_files import ClassFile
from tools.tree import ROOT

# What no tool on the way may meet, each in a form that the lint must see.
BAD = """
package bad;
import java.util.*;
sealed interface Shape permits Round {}
record Round(int size) implements Shape {
    static List<Integer> listed(Object what) {
        switch (what.hashCode()) { case 1: case 2: case 900: return new ArrayList<>(); default: }
        int sum = 0;
        for (int at = 0; at < 70000; at += 1000) sum += at;
        return what instanceof long[] ? List.of(sum) : Collections.emptyList();
    }
    static Comparator<String> ordered() { return Map.Entry.<String, String>comparingByKey() == null ? null : null; }
}
"""


def test_the_core_passes_its_own_tests(built: Path) -> None:
    run = subprocess.run([*android_core.java(android_core.TESTS), str(ROOT)], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    assert int(run.stdout.split()[-4]) > 200, run.stdout


def test_the_core_holds_nothing_that_the_tools_refuse(built: Path) -> None:
    assert android_core.faults() == []
    names = {ClassFile(path.read_bytes()).name for path in (built / "classes").rglob("*.class")}
    assert "egide/core/protocol/Envelope" in names


def test_what_the_library_calls_of_a_class_of_ours_in_its_place_is_there(built: Path) -> None:
    own, library = android_core.own_classes(), built / "bouncycastle.jar"
    name = "org/bouncycastle/crypto/CryptoServicesRegistrar"
    assert name in own
    assert android_core.missing_of(library, own) == []
    (found,) = android_core.missing_of(library, {name: own["egide/core/protocol/Envelope"]})
    assert "name='checkConstraints'" in found


def test_what_the_tools_refuse_is_found_and_named(built: Path, tmp_path: Path) -> None:
    (tmp_path / "Shape.java").write_text(BAD)
    subprocess.run([*android_core.compiler(), "-d", tmp_path, tmp_path / "Shape.java"], check=True)
    assert android_core.faults(tmp_path) == [
        "bad/Round calls java/util/List.of: enjarify cannot turn it back",
        "bad/Round calls java/util/Map$Entry.comparingByKey: enjarify cannot turn it back",
        "bad/Shape is sealed: D8 refuses it",
    ]


def test_no_more_of_bouncy_castle_goes_along_than_is_reached_and_it_is_always_the_same(
    built: Path, tmp_path: Path
) -> None:
    archive = built / "bouncycastle.jar"
    with zipfile.ZipFile(archive) as found:
        names = found.namelist()
    assert "org/bouncycastle/math/ec/rfc8032/Ed25519.class" in names
    # What only the class in whose place the core's own stands would bring is not there.
    assert len(names) < 150
    assert "org/bouncycastle/crypto/CryptoServicesRegistrar.class" not in names
    # Phones of other tests run with the first.
    again = tmp_path / "again.jar"
    android_core.gather(android_core.jars(android_core.BOUNCY_CASTLE)[0], again)
    assert again.read_bytes() == archive.read_bytes()


def test_a_machine_without_a_jdk_reads_in_one_line_what_it_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", "/nowhere")
    with pytest.raises(android_core.Missing) as missing:
        android_core.build()
    assert str(missing.value) == android_core.NO_JDK
    assert "\n" not in android_core.NO_JDK


def test_a_class_file_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="not a class file"):
        ClassFile(b"\xca\xfe\xba\xbf" + bytes(20))


def test_what_holds_the_core_on_bad_days_is_there() -> None:
    """docs/android.md names a test for each kind of bad input."""
    page = (ROOT / "docs" / "android.md").read_text()
    section = page.split("### Bad input and bad days")[1].split("###")[0]
    named = re.findall(r"`(\w+Test)\.(\w+)`", section), re.findall(r"`(tests/\S+\.py)::(\w+)`", section)
    assert all(len(found) > 5 for found in named)
    classes = {
        path.stem: path.read_text() for path in (ROOT / "android" / "core" / "tests").rglob("*Test.java")
    }
    missing = [f"{name}.{method}" for name, method in named[0] if f" void {method}()" not in classes[name]]
    missing += [
        f"{path}::{test}" for path, test in named[1] if f"def {test}(" not in (ROOT / path).read_text()
    ]
    assert missing == []
