"""The size limit guards the tail: functions of 60 lines, files of 400."""

from pathlib import Path

import pytest

from tools import sizes


def faults_of(tmp_path: Path, name: str, text: str) -> list[str]:
    path = tmp_path / name
    path.write_text(text)
    return list(sizes.find_faults(path, name))


def python(body_lines: int, docstring_lines: int = 0) -> str:
    text = '    """' + "\n" * docstring_lines + '"""\n' if docstring_lines else ""
    return "async def work():\n" + text + "    x = 1\n" * body_lines


def test_a_function_of_sixty_lines_passes_and_one_more_does_not(tmp_path: Path) -> None:
    assert faults_of(tmp_path, "a.py", python(59)) == []
    assert faults_of(tmp_path, "a.py", python(60)) == ["a.py:1: work has 61 lines, 60 at most"]


def test_a_docstring_does_not_count(tmp_path: Path) -> None:
    assert faults_of(tmp_path, "a.py", python(59, docstring_lines=20)) == []


def test_a_file_of_more_than_four_hundred_lines_is_named(tmp_path: Path) -> None:
    assert faults_of(tmp_path, "a.py", "x = 1\n" * 400) == []
    assert faults_of(tmp_path, "a.css", "a{}\n" * 401) == [
        "a.css: 401 lines, 400 at most: is it still one subject?"
    ]


@pytest.mark.parametrize(
    "head",
    [
        "function show(a) {",
        "export async function show(a) {",
        "const show = (a) => {",
        "export const show = a => {",
        "async show(a) {",
    ],
)
@pytest.mark.parametrize("suffix", ["js", "ts"])
def test_a_long_function_of_a_script_is_named(tmp_path: Path, head: str, suffix: str) -> None:
    assert faults_of(tmp_path, f"a.{suffix}", head + "\n" + "  x();\n" * 58 + "}\n") == []
    text = "  x();\n" + head + "\n" + "  x();\n" * 59 + "}\n"
    assert faults_of(tmp_path, f"a.{suffix}", text) == [f"a.{suffix}:2: show has 61 lines, 60 at most"]


@pytest.mark.parametrize(
    "head",
    [
        "  private static Map<String, List<byte[]>> show(String name) throws IOException {",
        "  void show(byte[] first,\n      byte[] second) {",
        "    public Show(\n        int first) {",
        "  Show() {",
    ],
)
def test_a_long_method_in_java_is_named(tmp_path: Path, head: str) -> None:
    indent = head[: len(head) - len(head.lstrip())]
    inside = f"{indent}  if (x()) {{\n{indent}    y(\n{indent}        z);\n{indent}  }}\n"
    filled = 60 - (head + "\n" + inside).count("\n") - 1

    def java(more: int) -> str:
        return (
            f"final class A {{\n{head}\n{inside}" + f"{indent}  x();\n" * (filled + more) + indent + "}\n}\n"
        )

    assert faults_of(tmp_path, "A.java", java(0)) == []
    name = "Show" if "Show" in head else "show"
    assert faults_of(tmp_path, "A.java", java(1)) == [f"A.java:2: {name} has 61 lines, 60 at most"]


def test_a_long_line_and_a_long_template_are_named(tmp_path: Path) -> None:
    assert faults_of(tmp_path, "a.html", ("x" * 160 + "\n") * 120) == []
    assert faults_of(tmp_path, "a.html", "<p>\n" + "é" * 81) == ["a.html:2: 162 bytes, 160 at most"]
    assert faults_of(tmp_path, "a.html", "x\n" * 121) == [
        "a.html: 121 lines, 120 at most: is it still one subject?"
    ]
