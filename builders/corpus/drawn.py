"""Pages drawn to disk: a group of rows at a time, resumable."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path

from benchwright import mirror
from benchwright.builders.corpus import kinds
from benchwright.builders.corpus.bodies import Body, body
from benchwright.builders.corpus.formats import FORMATS
from benchwright.builders.corpus.planning import Planned
from benchwright.builders.corpus.routes import PAGES, page_path
from benchwright.corpus_recipe import CorpusRecipe
from benchwright.dataset import STAGING, write_json
from benchwright.errors import DatasetError
from benchwright.record import canonical_json
from benchwright.shards import PARTIAL, wrote

GROUP = 100
"""Rows drawn in one go: a second or so of work to lose, and few enough to keep all cores busy."""

DRAWING = 1
"""Version of what turns a recipe into pages; raise it with any change of bytes."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a row's address serves; fields as of ``Body``.

    Attributes:
        row: its number.
        file: below ``pages``.
        sha256: of the file, hex.
    """

    row: int
    file: str
    sha256: str
    width: int
    height: int
    subject_scale: float
    scene: str


@dataclass(frozen=True, slots=True)
class Task:
    """Rows to draw: the recipe, those rows, and the corpus's folder."""

    recipe: CorpusRecipe
    rows: tuple[Planned, ...]
    folder: Path

    @property
    def staged(self) -> Path:
        """Where the group's list lies once its pages do; named by all that they depend on."""
        named = [DRAWING, self.recipe.model_dump(mode="json"), [row.row for row in self.rows]]
        digest = hashlib.sha256(canonical_json(named)).hexdigest()
        return self.folder / STAGING / f"{digest[:32]}.json"


def tasks(recipe: CorpusRecipe, rows: Sequence[Planned], folder: Path) -> Iterator[Task]:
    """All rows with a page of their own, class by class, so that scaled sprites are used again."""
    own = [planned for planned in rows if _has_page(planned)]
    own.sort(key=lambda planned: (planned.classes, planned.row))
    for _, group in groupby(enumerate(own), key=lambda numbered: numbered[0] // GROUP):
        yield Task(recipe, tuple(planned for _, planned in group), folder)


def _has_page(planned: Planned) -> bool:
    if planned.delivery in (*kinds.SERVED, "not_an_image", "bomb"):
        return True
    return planned.delivery not in kinds.FAILURES and planned.picture != "duplicate"


def draw_rows(task: Task) -> list[Drawn]:
    """The stage: draw a group's pages, unless an earlier run did, and say what they are."""
    kept = _staged(task)
    if kept is not None:
        return kept
    drawn = [_draw(task, planned) for planned in task.rows]
    write_json(task.staged, [asdict(page) for page in drawn])
    return drawn


def _draw(task: Task, planned: Planned) -> Drawn:
    made = body(task.recipe, planned)
    file = page_path(made.sha256, FORMATS[planned.form].ending.lower())
    _write(task.folder / PAGES / file, made)
    return Drawn(
        planned.row, file, made.sha256, made.width, made.height, made.subject_scale, made.scene
    )


def _write(path: Path, made: Body) -> None:
    """Write a page whole or not at all; its name is its digest, so nobody waits for the disk.

    Raises:
        DatasetError: the disk refused.
    """
    if mirror.here(path).is_file() and path.stat().st_size == len(made.content):
        return
    partial = path.with_name(f".{path.name}.{os.getpid()}{PARTIAL}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(made.content)
        partial.replace(path)
    except OSError as error:
        raise DatasetError(f"{path}: cannot be written: {error.strerror}") from error
    wrote(path)


def _staged(task: Task) -> list[Drawn] | None:
    """What an earlier run drew, if it all still lies there with the bytes it had."""
    try:
        listed = json.loads(mirror.here(task.staged).read_text("utf-8"))
        drawn = [Drawn(**fields) for fields in listed]
        pages = [mirror.here(task.folder / PAGES / page.file).read_bytes() for page in drawn]
    except (OSError, ValueError, TypeError):
        return None
    same = all(
        hashlib.sha256(content).hexdigest() == page.sha256
        for content, page in zip(pages, drawn, strict=True)
    )
    return drawn if same else None
