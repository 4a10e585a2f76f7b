"""pyproject lists every package of the tree, so that the wheel holds all of them."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = {
    "benchwright": "benchwright",
    "builders": "benchwright.builders",
    "cards": "benchwright.cards",
    "curation": "benchwright.curation",
    "data": "benchwright.data",
    "tools/bench": "benchwright.bench",
}


def test_every_folder_with_code_is_a_listed_package():
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    found = {
        ".".join((package, *path.parent.relative_to(ROOT / folder).parts))
        for folder, package in FOLDERS.items()
        for path in (ROOT / folder).rglob("__init__.py")
    }
    assert found == set(listed)
