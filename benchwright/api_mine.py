"""``benchwright mine`` as a function: here corpora of builders meet the miner of curation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchwright.curation.pipeline.mine import Mined
    from benchwright.mine_recipe import MineRecipe

Progress = Callable[[int, int], None]

CORPUS = "corpus"
"""Folder in the work folder that a corpus is built in."""


def quiet(step: str) -> AbstractContextManager[Progress]:
    """No progress shown."""
    return nullcontext(lambda done, total: None)


def mine(
    source: str | Path,
    out: str | Path | None = None,
    overrides: Sequence[str] = (),
    work: str | Path | None = None,
    until: str = "export",
    device: str = "cpu",
    workers: int | None = None,
    begin: Callable[[str], AbstractContextManager[Progress]] = quiet,
) -> Mined:
    """Mine a set of common and counter groups from a recipe.

    Args:
        source: a shipped recipe's name (``counteranimal-demo``) or a YAML file.
        out: dataset folder or its URL, default ``runs/<name of the recipe>``.
        overrides: ``a.b=value`` settings.
        work: folder of shards, embeddings and what else steps leave; default ``<out>.work``. Run
            again with a changed recipe, only what depends on the change is done again.
        until: the last step to run.
        device: of the models: ``cpu``, ``cuda``, ``mps``.
        workers: processes, default all cores.
        begin: given a step's name, shows its progress.

    Raises:
        RecipeError: the recipe is wrong; nothing has been fetched.
        BenchwrightError: a step cannot be done; what was finished is kept.
    """
    from benchwright import mirror
    from benchwright.curation.pipeline.mine import mine as run
    from benchwright.curation.pipeline.mining import Mining
    from benchwright.curation.pipeline.work import Work
    from benchwright.engine import named
    from benchwright.errors import RecipeError
    from benchwright.mine_recipe import MineRecipe
    from benchwright.recipe_file import load_any

    recipe = load_any(source, overrides)
    if not isinstance(recipe, MineRecipe):
        raise RecipeError(f"{source}: a recipe of {recipe.kind}; this takes one of kind mine")
    place = str(out or f"runs/{recipe.name}").rstrip("/")
    with (
        named(recipe.engine),
        mirror.opened(place) as folder,
        mirror.opened(work or f"{place}.work") as left,
    ):
        mining = Mining(
            recipe, folder, Work(left), lambda: _tables(recipe, left, workers, begin), device,
            workers, begin, _truth(recipe, left),
        )  # fmt: skip
        return run(mining, until)


def _truth(recipe: MineRecipe, work: Path) -> Path | None:
    """Where it is said what images show: the recipe's own file, or that of a corpus of ours."""
    if recipe.truth:
        return Path(recipe.truth)
    return work / CORPUS / "truth.parquet" if recipe.source.corpus else None


@contextmanager
def _tables(
    recipe: MineRecipe,
    work: Path,
    workers: int | None,
    begin: Callable[[str], AbstractContextManager[Progress]],
) -> Iterator[Sequence[str]]:
    """The tables of addresses; a corpus is built first, and served while it is fetched."""
    from benchwright.api import build_corpus, serve_corpus

    table = recipe.source.table
    if recipe.source.corpus is None:
        yield [table] if isinstance(table, str) else list(table or ())
        return
    with begin("building the corpus") as progress:
        corpus = build_corpus(recipe.source.corpus, work / CORPUS, (), workers, progress)
    with serve_corpus(corpus.folder) as served:
        yield [str(served.table)]
