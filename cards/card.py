"""The dataset card: every section filled from the folder, with its figures and its data files.

A pure function of the folder: no date, no machine. Adding a section touches nothing here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from benchwright import references
from benchwright.cards.facts import Facts
from benchwright.cards.figures.palette import SIGNATURE
from benchwright.cards.hub_metadata import hub_metadata
from benchwright.cards.sections import SECTIONS
from benchwright.cards.sections.markdown import escape
from benchwright.cards.sections.section import Section
from benchwright.dataset import CARD, CHANGELOG, CROISSANT, EVAL, Dataset, write_text
from benchwright.errors import DatasetError
from benchwright.front_matter import join_card
from benchwright.lock import locked
from benchwright.shards import replacing

FIGURES = "figures"
_NAMED = re.compile(r"!\[[^\]]*\]\(figures/([^)\s]+)\)")


def render(facts: Facts) -> dict[str, str]:
    """File name to text of the card and the data files beside it.

    The change log only while the folder has none: publishing goes on with it.
    """
    from benchwright.cards import changelog, croissant, evaluation

    texts = {
        CARD: join_card(hub_metadata(facts), _body(facts)),
        CROISSANT: croissant.render(facts),
        EVAL: evaluation.render(facts),
    }
    if not (facts.folder / CHANGELOG).is_file():
        texts[CHANGELOG] = changelog.unreleased(facts)
    return texts


def write(
    folder: Path, progress: Callable[[int, int], None] = lambda done, total: None
) -> tuple[str, ...]:
    """Write a dataset's card and return the names of what was written.

    Args:
        folder: a whole dataset.
        progress: called with files done and in all.

    Raises:
        DatasetError: no dataset, not all of it is here, or the folder cannot be written.
        RecipeError: its recipe cannot be used.
    """
    Dataset.open(folder)
    with locked(folder):
        return _write(folder, progress)


def _write(folder: Path, progress: Callable[[int, int], None]) -> tuple[str, ...]:
    facts = Facts.read(folder)
    if facts.dataset.absent:
        raise DatasetError(f"{folder}: only part of this set was pulled; pull all of it first")
    withheld = facts.withheld
    tables = references.write(facts.dataset) if withheld else ()
    references.drop(folder, keep=tables)
    texts = render(facts)
    drawings = {n: draw for s in present(facts) for n, draw in s.figures(facts).items()}
    total = len(drawings) + len(texts)
    for done, (name, draw) in enumerate(drawings.items()):
        progress(done, total)
        with replacing(folder / FIGURES / name) as file:
            file.write(draw())
    for name, text in texts.items():
        write_text(folder / name, text)
    _drop_unnamed(folder, texts[CARD])
    progress(total, total)
    return (*texts, *tables, *(f"{FIGURES}/{name}" for name in drawings))


def present(facts: Facts) -> list[Section]:
    """The sections that this folder can fill, in the card's order."""
    return [section for section in SECTIONS if section.applies(facts)]


def figures_named(text: str) -> set[str]:
    """The figures a card shows."""
    return set(_NAMED.findall(text))


def _body(facts: Facts) -> str:
    title = escape(facts.recipe.title)
    return "\n" + "\n\n".join(
        f"{section.heading.replace('{title}', title)}\n\n{section.text(facts)}".rstrip()
        for section in present(facts)
    ) + "\n"  # fmt: skip


def _drop_unnamed(folder: Path, text: str) -> None:
    """Remove figures of ours that the card no longer shows."""
    for path in sorted((folder / FIGURES).glob("*")):
        if path.name not in figures_named(text) and path.is_file():
            with path.open("rb") as file:
                ours = SIGNATURE in file.read(1024)
            if ours:
                path.unlink()
