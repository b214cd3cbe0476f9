"""`make android`: android/build/egide.apk from Java alone, without Google's SDK; two builds give the same bytes.

javac, D8, aapt2, zipalign and apksigner as android/pins.toml names them. Signed with the key that EGIDE_ANDROID_KEY
names (PKCS #12, its password in the file EGIDE_ANDROID_KEY_PASSWORD_FILE), else with a throw-away one.
"""

import os
import shutil
import sys
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from tools import android_core
from tools.android import resources
from tools.android.java import ANDROID, APP, OUT, STUBS, CannotBuild, compile_java, run, sources
from tools.android.pinned import NotThere, pinned
from tools.android.toolset import OTHER_TOOLS, Toolset, differences, fetch, toolset
from tools.running import node
from tools.tree import ROOT

MANIFEST = ANDROID / "app" / "AndroidManifest.xml"
MIN_SDK = 31
MOST_BYTES = 1_500_000
# The earliest that a zip can say: when it was built is nobody's affair, and would be another byte each time.
_EPOCH = (1980, 1, 1, 0, 0, 0)
# The version of class files that the release writes (JVMS 4.1).
_MAJOR = (44 + android_core.RELEASE).to_bytes(2, "big")
# An attribute by its name in the constant pool, and one of the same length, which no reader knows.
_PARAMETERS = (b"\x01\x00\x10MethodParameters", b"\x01\x00\x10NamesOfArguments")


def application_id() -> str:
    """By which the phone knows the app; an authority chooses one of its own, that tells nothing (safety rule 21)."""
    return os.environ.get("EGIDE_ANDROID_ID") or "local.daily.notes"


def version_code(name: str) -> int:
    """A number that only rises with the version."""
    major, minor, patch = (int(part) for part in name.split("."))
    return major * 1_000_000 + minor * 1_000 + patch


def write_zip(file: Path, entries: Iterable[tuple[str, bytes, bool]]) -> None:
    """`entries`: name, content, whether it is compressed. The same entries give the same bytes."""
    with zipfile.ZipFile(file, "w") as archive:
        for name, content, is_compressed in entries:
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED if is_compressed else zipfile.ZIP_STORED
            info.external_attr = 0o644 << 16
            archive.writestr(info, content, compresslevel=9)


def jar(file: Path, *folders: Path) -> Path:
    """The classes of these folders."""
    paths = ((folder, path) for folder in folders for path in sorted(folder.rglob("*.class")))
    write_zip(
        file, ((path.relative_to(folder).as_posix(), path.read_bytes(), True) for folder, path in paths)
    )
    return file


def _readable(archived: Path, file: Path) -> Path:
    """The same classes without the names of parameters: newer compilers leave some unnamed, on which this D8 ends."""
    with zipfile.ZipFile(archived) as archive:
        classes = [(name, archive.read(name)) for name in archive.namelist()]
    write_zip(file, ((name, content.replace(*_PARAMETERS), True) for name, content in classes))
    return file


def _platform(home: Path, file: Path) -> Path:
    """Java's own classes of the release that is compiled for, by which D8 knows who extends whom.

    A JDK keeps what its older releases had beside its own classes, in a form that this D8 would take for too new.
    """
    # Releases are named there by one sign each: 8, 9, A for 10 and so on.
    release = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[android_core.RELEASE]
    with zipfile.ZipFile(home / "lib" / "ct.sym") as archive:
        paths = (
            (name, *name.partition("/java.base/")) for name in archive.namelist() if name.endswith(".sig")
        )
        classes = sorted(
            (inside.removesuffix(".sig") + ".class", archive.read(name))
            for name, releases, found, inside in paths
            if found and release in releases
        )
    if not classes:
        # It is of that release itself.
        return home
    write_zip(file, ((name, content[:6] + _MAJOR + content[8:], False) for name, content in classes))
    return file


def compile_shipped(out: Path, tools: Toolset) -> tuple[Path, Path, Path, Path]:
    """The folders of stubs, core and app, and what the core reaches of Bouncy Castle, by the JDK that is pinned.

    In a folder of their own: what the machine's JDK compiles beside them may be in use.
    """
    javac = tools.java("javac")
    (library,) = android_core.jars(android_core.BOUNCY_CASTLE)
    compiled = out / "shipped"
    core = compile_java(sources(android_core.CORE / "src"), compiled / "core", [library], javac)
    stubs = compile_java(sources(STUBS), compiled / "stubs", (), javac)
    generated = compiled / "R.java"
    generated.write_text(resources.r_java())
    app = compile_java([*sources(APP), generated], compiled / "app", [stubs, core], javac)
    reached = compiled / "bouncycastle.jar"
    android_core.gather(library, reached, core)
    return stubs, core, app, reached


def make_dex(out: Path, tools: Toolset) -> bytes:
    """One dex of all that is shipped: core, app, and what the core reaches of Bouncy Castle."""
    stubs, core, app, reached = compile_shipped(out, tools)
    dex = out / "dex"
    shutil.rmtree(dex, ignore_errors=True)
    dex.mkdir(parents=True)
    known = [_platform(tools.home, out / "platform.jar"), jar(out / "stubs.jar", stubs)]
    shipped = [
        _readable(jar(out / "compiled.jar", core, app), out / "shipped.jar"),
        _readable(reached, out / "library.jar"),
    ]
    run(
        tools.java("java"),
        *android_core.QUICK,
        "-cp",
        pinned("d8"),
        "com.android.tools.r8.D8",
        "--release",
        "--min-api",
        str(MIN_SDK),
        *(word for each in known for word in ("--lib", each)),
        "--output",
        dex,
        *shipped,
    )
    if [path.name for path in dex.iterdir()] != ["classes.dex"]:
        raise CannotBuild("D8 wrote more than one dex: the app has grown too large for one")
    return (dex / "classes.dex").read_bytes()


def build_pages(folder: Path) -> Path:
    """What the WebView shows, as all that is in `folder`: the web app's own pages, built for the native engine.

    Raises CannotBuild.
    """
    vite = [
        "node_modules/vite/bin/vite.js",
        "build",
        "--logLevel",
        "error",
        "--config",
        "vite.native.config.ts",
        "--outDir",
        str(folder),
    ]
    ended = node(*vite, place=ROOT / "phone")
    if ended.returncode:
        raise CannotBuild(f"the pages cannot be built: {(ended.stderr or ended.stdout).strip()[-1000:]}")
    return folder


def pages(folder: Path) -> list[tuple[str, bytes]]:
    """Their names in the app, and what they hold."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return [(f"assets/pages/{path.relative_to(folder).as_posix()}", path.read_bytes()) for path in files]


def make_base(out: Path, texts: Mapping[str, Mapping[str, str]], tools: Toolset) -> Path:
    """Manifest and resources, as aapt2 writes them."""
    res, compiled, base = out / "res", out / "res.zip", out / "base.apk"
    shutil.rmtree(res, ignore_errors=True)
    resources.make_resources(res, texts)
    ids = out / "ids.txt"
    ids.write_text(resources.stable_ids("local.daily.notes"))
    name = resources.version()
    tools.run("aapt2", "compile", "--dir", res, "-o", compiled)
    options: list[str | Path] = [
        "--stable-ids",
        ids,
        "--version-name",
        name,
        "--version-code",
        str(version_code(name)),
        "--rename-manifest-package",
        application_id(),
    ]
    tools.run("aapt2", "link", "-I", tools.framework, "--manifest", MANIFEST, *options, "-o", base, compiled)
    return base


def pack(base: Path, dex: bytes, shown: Path, file: Path) -> None:
    """The unsigned app, its entries in one order."""
    with zipfile.ZipFile(base) as archive:
        entries = {
            info.filename: (archive.read(info), info.compress_type != zipfile.ZIP_STORED)
            for info in archive.infolist()
        }
    entries["classes.dex"] = dex, True
    entries |= {name: (content, True) for name, content in pages(shown)}
    write_zip(file, ((name, *entries[name]) for name in sorted(entries)))


def signing_key(out: Path, tools: Toolset) -> tuple[Path, str]:
    """The key's file, and where its password stands, in apksigner's words. RSA signs the same each time."""
    if named := os.environ.get("EGIDE_ANDROID_KEY"):
        password = os.environ.get("EGIDE_ANDROID_KEY_PASSWORD_FILE")
        if not password or not Path(named).is_file() or not Path(password).is_file():
            raise CannotBuild(
                "EGIDE_ANDROID_KEY needs a key that can be read,"
                " and EGIDE_ANDROID_KEY_PASSWORD_FILE the file of its password."
            )
        return Path(named), f"file:{password}"
    key = out / "throw-away.p12"
    if not key.exists():
        made = key.with_suffix(".new")
        made.unlink(missing_ok=True)
        facts = [
            "-storetype",
            "PKCS12",
            "-storepass",
            "throw-away",
            "-alias",
            "test",
            "-keyalg",
            "RSA",
            "-keysize",
            "3072",
        ]
        run(
            tools.java("keytool"),
            "-genkeypair",
            "-keystore",
            made,
            *facts,
            "-dname",
            "CN=throw-away",
            "-validity",
            "10000",
        )
        made.replace(key)
    return key, "pass:throw-away"


def sign(unsigned: Path, out: Path, tools: Toolset) -> Path:
    """The app that a phone takes."""
    aligned, apk = out / "aligned.apk", out / "egide.apk"
    # Packed anew by its own means (-z): what Python's zlib writes is another machine's other bytes.
    tools.run("zipalign", "-z", "-f", "-p", "4", unsigned, aligned)
    key, password = signing_key(out, tools)
    options: list[str | Path] = [
        "--ks",
        key,
        "--ks-pass",
        password,
        "--min-sdk-version",
        str(MIN_SDK),
        "--v1-signing-enabled",
        "false",
        "--v4-signing-enabled",
        "false",
    ]
    tools.signer("sign", *options, "--out", apk, aligned)
    tools.signer("verify", "--min-sdk-version", str(MIN_SDK), apk)
    return apk


def build(out: Path = OUT) -> Path:
    """The signed app. Raises CannotBuild, NotThere, android_core.Missing."""
    tools = toolset()
    out.mkdir(parents=True, exist_ok=True)
    shown = build_pages(out / "pages")
    pack(make_base(out, resources.words(), tools), make_dex(out, tools), shown, out / "unsigned.apk")
    apk = sign(out / "unsigned.apk", out, tools)
    if (size := apk.stat().st_size) > MOST_BYTES:
        raise CannotBuild(f"{apk.name} has {size} bytes, {MOST_BYTES} at most.")
    return apk


def main() -> None:
    try:
        if os.environ.get(OTHER_TOOLS) == "yes":
            print(differences(), file=sys.stderr)
        else:
            fetch()
        apk = build()
    except (CannotBuild, NotThere, android_core.Missing, resources.NoWords) as error:
        sys.exit(str(error))
    print(f"{apk.relative_to(ROOT)}: {apk.stat().st_size} bytes")


if __name__ == "__main__":
    main()
