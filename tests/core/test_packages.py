"""pyproject lists every package of the tree, so that the wheel holds all of them."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ["benchwright", "builders", "cards", "curation", "data"]


def test_every_folder_with_code_is_a_listed_package():
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    found = {
        path.parent.relative_to(ROOT).as_posix()
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("__init__.py")
    }
    named = {p if p.split("/")[0] == "benchwright" else "benchwright/" + p for p in found}
    assert {name.replace("/", ".") for name in named} == set(listed)
