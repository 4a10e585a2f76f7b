"""A small built set with its card, made once; each test gets a copy of its own."""

import shutil
from functools import partial
from pathlib import Path

import pytest
from conftest import TINY, benchwright, made_once

from benchwright.cards import card

AUTHORED = (
    TINY
    + """
card:
  summary: "Made to look at, **not** to measure."
  uses: "Ask what the paragraph on uses asks."
  limitations: "It is small."
  authors: [Ada Lovelace, "A | <b>B</b>"]
  contact: ada@example.org
"""
)


def _with_card(recipe: str, root: Path) -> None:
    (root / "tiny.yaml").write_text(recipe)
    ran = benchwright("build", root / "tiny.yaml", "--out", root / "set")
    assert ran.returncode == 0, ran.stderr
    card.write(root / "set")


@pytest.fixture(scope="session")
def carded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built set with its card; not to be changed."""
    return made_once(tmp_path_factory, "carded", partial(_with_card, AUTHORED)) / "set"


@pytest.fixture
def folder(carded: Path, tmp_path: Path) -> Path:
    """A copy to change."""
    return Path(shutil.copytree(carded, tmp_path / "set"))


@pytest.fixture(scope="session")
def withheld(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A set of which only references are published, with its card; not to be changed."""
    recipe = TINY + "payload: references\n"
    return made_once(tmp_path_factory, "withheld", partial(_with_card, recipe)) / "set"
