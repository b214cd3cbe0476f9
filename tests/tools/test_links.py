"""A link in the documents that leads nowhere is found before a reader follows it."""

from pathlib import Path

from tools import links


def faults_of(tmp_path: Path, text: str) -> list[str]:
    (tmp_path / "docs").mkdir(exist_ok=True)
    (tmp_path / "docs" / "flow.md").write_text("# The life of one press\n\n## Who's told, and when?\n")
    path = tmp_path / "README.md"
    path.write_text(text)
    return list(links.find_faults(path, tmp_path))


def test_links_to_files_folders_headings_and_the_web_pass(tmp_path: Path) -> None:
    text = "[a](docs/flow.md) [b](docs) [c](docs/flow.md#whos-told-and-when) [d](https://example.org/x)\n[e](#title)\n"
    text += "# Title\n"
    assert faults_of(tmp_path, text) == []


def test_a_link_to_a_missing_file_is_named(tmp_path: Path) -> None:
    assert faults_of(tmp_path, "[a](docs/flows.md)") == [
        "README.md: docs/flows.md leads to no file of the project"
    ]


def test_a_missing_picture_is_named_in_markdown_and_in_html(tmp_path: Path) -> None:
    assert len(faults_of(tmp_path, '![a](docs/a.svg) <img src="docs/b.svg">')) == 2


def test_a_missing_heading_is_named(tmp_path: Path) -> None:
    assert faults_of(tmp_path, "[a](docs/flow.md#nobody)") == [
        "README.md: flow.md has no heading for #nobody"
    ]


def test_a_link_out_of_the_project_is_refused(tmp_path: Path) -> None:
    (tmp_path.parent / "outside.md").touch()
    assert len(faults_of(tmp_path, "[a](../outside.md)")) == 1


def test_code_is_not_read_as_a_link(tmp_path: Path) -> None:
    assert faults_of(tmp_path, "`[a](b)`\n\n```\n[c](d)\n```\n") == []


def test_marks_of_a_merge_are_named(tmp_path: Path) -> None:
    text = "a\n" + "<" * 7 + " HEAD\nb\n" + "=" * 7 + "\nc\n" + ">" * 7 + " of others\n"
    assert faults_of(tmp_path, text) == ["README.md: a merge left its marks here: keep one side or both"]
    assert faults_of(tmp_path, "A heading\n=========\n") == []
