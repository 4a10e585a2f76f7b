"""Building a web corpus: recipe -> rows -> pages -> tables, resumable.

Pages are named by their digests, so a page that lies there is kept. The tables are written when all
pages lie there, whole or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from benchwright import engine
from benchwright.builders.backgrounds.textures import textures
from benchwright.builders.corpus import truth
from benchwright.builders.corpus.addresses import address, is_served
from benchwright.builders.corpus.alt_texts import alt_text
from benchwright.builders.corpus.answers import routes
from benchwright.builders.corpus.columns import SCHEMAS, table_row
from benchwright.builders.corpus.drawn import Drawn, Task, draw_rows, tasks
from benchwright.builders.corpus.folder import RECIPE, TABLE, TRUTH, Corpus
from benchwright.builders.corpus.planning import Planned, plan
from benchwright.builders.corpus.routes import PAGES, Answer, write_routes
from benchwright.builders.sources import sprite_source
from benchwright.corpus_recipe import CorpusRecipe
from benchwright.dataset import SHARDS, STAGING, write_text
from benchwright.errors import DatasetError, RecipeError, did_you_mean
from benchwright.lock import locked
from benchwright.recipe import Objects
from benchwright.recipe_file import dump
from benchwright.shards import LOCK, remove, replacing

BATCH = 10_000
"""Rows of a table held at a time."""

Progress = Callable[[int, int], None]


def build(
    recipe: CorpusRecipe,
    folder: Path,
    workers: int | None = None,
    progress: Progress = lambda done, total: None,
) -> Corpus:
    """Build a corpus into a folder, or bring the folder up to the recipe.

    Args:
        recipe: what to build.
        folder: made if missing.
        workers: processes, default all cores; the bytes don't depend on it.
        progress: called with pages done and pages in all.

    Raises:
        RecipeError: the recipe asks for what cannot be; nothing has been written then.
        DatasetError: the folder cannot be written, or holds something else.
    """
    check(recipe)
    rows = plan(recipe)
    if (folder / SHARDS).is_file():
        raise DatasetError(f"{folder}: holds a dataset; choose another folder for --out")
    with locked(folder):
        waiting = list(tasks(recipe, rows, folder))
        count = min(workers or engine.default_workers(), max(1, len(waiting)))
        pages = _draw(waiting, count, progress)
        # Until both tables are there again the folder holds no corpus, rather than half of two.
        for name in (TABLE, TRUTH):
            remove(folder / name)
        write_text(folder / RECIPE, dump(recipe))
        _write_tables(recipe, folder, rows, pages)
        _drop_stale(folder, waiting, {page.file for page in pages.values()})
    return Corpus.open(folder)


def check(recipe: CorpusRecipe) -> None:
    """Fail on names that the catalogues don't hold.

    Raises:
        RecipeError: an unknown object or texture.
    """
    known = sprite_source(Objects(names=[cls.name for cls in recipe.classes])).names()
    for number, cls in enumerate(recipe.classes):
        if cls.name not in known:
            hint = did_you_mean(cls.name, known) or f"; known: {', '.join(known)}"
            raise RecipeError(f'classes[{number}].name: there is no object "{cls.name}"{hint}')
    for number, background in enumerate(recipe.backgrounds):
        if background not in textures():
            hint = did_you_mean(background, textures()) or f"; known: {', '.join(textures())}"
            raise RecipeError(f'backgrounds[{number}]: there is no texture "{background}"{hint}')


def _draw(waiting: list[Task], workers: int, progress: Progress) -> dict[int, Drawn]:
    """Row to its page."""
    total = sum(len(task.rows) for task in waiting)
    pages: dict[int, Drawn] = {}
    progress(0, total)
    for group in engine.run(draw_rows, waiting, workers):
        pages.update((page.row, page) for page in group)
        progress(len(pages), total)
    return pages


def _write_tables(
    recipe: CorpusRecipe, folder: Path, rows: list[Planned], pages: dict[int, Drawn]
) -> None:
    first = next((planned.row for planned in rows if planned.picture == "placeholder"), -1)

    def page(planned: Planned) -> Drawn | None:
        return pages.get(planned.of if planned.picture == "duplicate" else planned.row)

    def url(planned: Planned) -> str | None:
        repeats = planned.delivery == "repeated_url"
        return address(recipe, rows[planned.of] if repeats else planned)

    def table_rows() -> Iterator[dict[str, Any]]:
        for planned in rows:
            drawn, text = page(planned), alt_text(recipe, planned)
            size = (drawn.width, drawn.height) if drawn else (0, 0)
            yield table_row(recipe, planned.row, planned.picture, url(planned), text, size)

    def truth_rows() -> Iterator[dict[str, Any]]:
        for planned in rows:
            text = alt_text(recipe, planned)
            yield truth.truth_row(recipe, planned, url(planned), text, page(planned), first)

    def paths() -> Iterator[tuple[str, tuple[Answer, ...]]]:
        for planned in rows:
            drawn = page(planned)
            if is_served(planned):
                yield from routes(recipe, planned, drawn.file if drawn else "")

    write_routes(folder, paths())
    _write_table(folder / TRUTH, truth.SCHEMA, truth_rows())
    _write_table(folder / TABLE, SCHEMAS[recipe.columns], table_rows())


def _write_table(path: Path, schema: pa.Schema, rows: Iterator[dict[str, Any]]) -> None:
    with replacing(path) as file, pq.ParquetWriter(file, schema, compression="zstd") as writer:
        while batch := list(islice(rows, BATCH)):
            writer.write_table(pa.Table.from_pylist(batch, schema))


def _drop_stale(folder: Path, waiting: list[Task], files: set[str]) -> None:
    """Remove pages and lists of other recipes; this one's lists stay, to build again from."""
    kept = {task.staged.name for task in waiting} | {LOCK}
    for path in (folder / STAGING).iterdir():
        if path.name not in kept:
            remove(path)
    for path in (folder / PAGES).glob("*/*"):
        if path.relative_to(folder / PAGES).as_posix() not in files:
            remove(path)
