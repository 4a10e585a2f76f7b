"""Paths and cards that somebody else wrote."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchwright.cards.card_safety import read_card
from benchwright.cards.remote import RemoteFile
from benchwright.cards.safety import inside, safe_listing, safe_path, shown, why_left_out
from benchwright.errors import DatasetError

UNSAFE = [
    "/etc/passwd", "../x", "a/../../x", "a/./x", "./x", "a//x", "", "a/", "..", ".",
    "C:/x", "c:x", "a\\b", "..\\x", "a\0b", "a\nb", "a\x1b[2Jb", "a\u202eb", "\udc80",
    ".git/hooks/pre-commit", "x/.GIT/config", "n" * 256, "/".join(["d" * 100] * 11),
]  # fmt: skip


def _file(path, size=1, sha256="0" * 64):
    return RemoteFile(path, size, sha256)


@pytest.mark.parametrize("text", UNSAFE)
def test_a_path_that_leaves_or_confuses_is_refused_in_one_line(text):
    with pytest.raises(DatasetError) as refused:
        safe_path(text)
    assert "\n" not in str(refused.value)
    assert "\x1b" not in str(refused.value)


@given(st.text(max_size=40))
def test_a_path_that_passes_stays_inside_its_folder(text):
    try:
        path = safe_path(text)
    except DatasetError:
        return
    folder = Path("/some/folder")
    assert (folder / path).resolve().is_relative_to(folder)
    assert str(path) == text


@given(st.text(max_size=200))
def test_what_is_shown_never_steers_a_terminal(text):
    visible = shown(text)
    assert not any(unicodedata.category(letter) == "Cc" for letter in visible)


@pytest.mark.parametrize("paths", [
    ["a.txt", "A.txt"],
    ["stra\u00dfe.txt", "STRASSE.txt"],
    ["caf\u00e9.txt", "cafe\u0301.txt"],
    ["two", "two/x.tar"],
    ["Two", "two/x.tar"],
])  # fmt: skip
def test_paths_that_are_one_file_on_some_disk_are_refused(paths):
    with pytest.raises(DatasetError, match=r"collide|is a file and the folder"):
        safe_listing({path: _file(path) for path in paths}, "org/name")


@pytest.mark.parametrize("path", ["pull.json", "run.json", ".build/lock", "PULL.json"])
def test_what_only_this_machine_writes_is_refused(path):
    with pytest.raises(DatasetError, match="only this machine writes"):
        safe_listing({path: _file(path)}, "org/name")


def test_too_many_files_are_refused():
    with pytest.raises(DatasetError, match="100,001 files"):
        safe_listing({f"{n}.txt": _file(f"{n}.txt") for n in range(100_001)}, "org/name")


def test_a_file_without_a_digest_is_refused():
    with pytest.raises(DatasetError, match="without a size or digest"):
        safe_listing({"a.txt": RemoteFile("a.txt", 1)}, "org/name")


def test_what_could_run_is_left_out_and_named():
    paths = ["README.md", "load.py", "data/x.pkl", "x.PT", "x.pkl.gz", "page.html", ".env",
             ".github/workflows/x.yaml", "a/b.tar", "wiki.pl.parquet", "mask.png"]  # fmt: skip
    kept, left_out = safe_listing({path: _file(path) for path in paths}, "org/name")
    assert list(kept) == ["README.md", "a/b.tar", "wiki.pl.parquet", "mask.png"]
    assert dict(left_out)["load.py"] == why_left_out("load.py") == "could run code (.py)"
    assert "hidden" in dict(left_out)[".env"]


def test_a_link_in_the_target_folder_is_not_followed(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    folder = tmp_path / "set"
    folder.mkdir()
    (folder / "two").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DatasetError, match="a link to somewhere else"):
        inside(folder, "two/x.tar")
    assert inside(folder, "three/x.tar") == folder / "three" / "x.tar"


def _card(folder, front):
    path = folder / "README.md"
    path.write_text(f"---\n{front}\n---\n\n# body\n")
    return path


@pytest.mark.parametrize(("front", "said"), [
    ("pretty_name: <script>alert(1)</script>", "active HTML"),
    ("pretty_name: '<img src=x onerror=alert(1)>'", "active HTML"),
    ("homepage: javascript:alert(1)", "active HTML"),
    ("tags: [{name: '<iframe src=x>'}]", "active HTML"),
    ("auto_map: {AutoModel: evil.Model}", "remote code"),
    ("configs: [{config_name: a, trust_remote_code: true}]", "remote code"),
    ("configs: [{config_name: a, script: load.py}]", "remote code"),
    ("configs: [{config_name: a, data_files: 'https://evil.example/x.tar'}]", "lie elsewhere"),
    ("configs: [{config_name: a, data_files: 'zip://x::https://e.example/y'}]", "lie elsewhere"),
    ("configs: [{config_name: a, data_files: [{split: b, path: ../../x}]}]", "leaves its folder"),
    ("configs: [{config_name: a, data_files: {b: [/etc/passwd]}}]", "is absolute"),
    ("configs: [{config_name: a, data_dir: ../x}]", "leaves its folder"),
    ("configs: [{config_name: a, data_files: '" + "*a" * 30 + "'}]", "wildcards"),
    ("x: !!python/object/apply:os.system [id]", "not plain YAML"),
    ("\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}' if n else 'x'] * 10)}]" for n in range(9)),
     "more than 500,000"),
    ("a: &a [*a]", "nested deeper"),
    ("x: " + "[" * 200 + "]" * 200, "nested deeper"),
    ("x: '" + "y" * 600_000 + "'", "longer than"),
    ("x: [", "not plain YAML"),
])  # fmt: skip
def test_a_card_that_would_have_something_run_is_refused_in_one_line(tmp_path, front, said):
    with pytest.raises(DatasetError, match=said) as refused:
        read_card(_card(tmp_path, front))
    assert "\n" not in str(refused.value)


def test_an_honest_card_is_read(tmp_path):
    front = (
        "license: mit\nconfigs:\n- config_name: a\n  data_dir: ./data\n  data_files:\n"
        "  - {split: train, path: 'train-*.tar'}"
    )
    fields, body = read_card(_card(tmp_path, front))
    assert fields["license"] == "mit"
    assert body == "\n# body\n"
    (tmp_path / "README.md").write_text("# no front matter")
    assert read_card(tmp_path / "README.md") == ({}, "# no front matter")
    assert read_card(tmp_path / "none.md") == ({}, "")
