"""The commands as Python functions: what ``import benchwright as bw`` offers."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from benchwright.builders.build import Report as BuildReport
    from benchwright.record import Caption, SceneRecord
    from benchwright.verification import Report as VerifyReport

Progress = Callable[[int, int], None]


def _quiet(done: int, total: int) -> None:
    """No progress shown."""


def build(
    source: str | Path,
    out: str | Path | None = None,
    overrides: Sequence[str] = (),
    workers: int | None = None,
    progress: Progress = _quiet,
) -> BuildReport:
    """Build a scene set from a recipe.

    Args:
        source: a shipped recipe's name (``simco``) or a YAML file.
        out: dataset folder, default ``runs/<name of the recipe>``.
        overrides: ``a.b=value`` settings.
        workers: processes, default all cores; the bytes don't depend on it.
        progress: called with samples done and in all.

    Raises:
        RecipeError: the recipe is wrong; nothing has been written.
        DatasetError: the folder cannot be written.
    """
    from benchwright.builders.build import build as build_set
    from benchwright.recipe_file import load

    recipe = load(source, overrides)
    return build_set(recipe, Path(out or f"runs/{recipe.name}"), workers, progress)


def verify(
    folder: str | Path, workers: int | None = None, progress: Progress = _quiet
) -> VerifyReport:
    """Check every count, digest, schema, box and mask of a dataset folder.

    Raises:
        DatasetError: there is no dataset to verify.
    """
    from benchwright.builders.sample_checks import sample_problems
    from benchwright.verification import verify as verify_folder

    look = _recomposable_look(Path(folder))
    return verify_folder(Path(folder), partial(sample_problems, look), workers, progress, look)


def _recomposable_look(folder: Path) -> str | None:
    """The look whose sprites can recompose this set's masks here, if they are the very same."""
    from benchwright.builders.sources import asset_digests
    from benchwright.dataset import BUILD, RECIPE
    from benchwright.errors import BenchwrightError
    from benchwright.recipe_file import load

    try:
        facts = json.loads((folder / BUILD).read_text("utf-8"))
        recipe = load(folder / RECIPE)
        return recipe.objects.look if facts["assets"] == asset_digests(recipe) else None
    except (BenchwrightError, OSError, ValueError, KeyError, TypeError):
        return None  # what is broken here is a problem that the folder's own checks name


def show(folder: str | Path, columns: int = 4) -> Path:
    """Write a dataset's contact sheet and return its path.

    Raises:
        DatasetError: there is no dataset here.
    """
    from benchwright.contact_sheet import save
    from benchwright.dataset import Dataset

    return Path(folder) / save(Dataset.open(Path(folder)), columns)


def recipes() -> dict[str, str]:
    """Name to YAML text of the shipped recipes."""
    from benchwright.recipe_file import shipped

    return shipped()


def schema() -> dict[str, Any]:
    """The JSON Schema of recipes."""
    from benchwright.recipe import Recipe

    described = Recipe.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **described}


def captions(
    record: SceneRecord, template: str = "short", order: Sequence[int] | None = None
) -> Caption:
    """A caption of a scene in any mention order.

    Args:
        record: the scene.
        template: ``short``, ``bare`` or ``long``.
        order: indices into ``record.objects``, first mentioned first; as stored if not given.

    Raises:
        RecipeError: there is no such template.
        RecordError: the order does not name each object once.
    """
    from benchwright.builders.captions import caption

    names = [placed.name for placed in record.objects]
    return caption(names, template, tuple(range(len(names)) if order is None else order))


def full_masks(record: SceneRecord) -> NDArray[np.bool_]:
    """Each object's whole mask, hidden parts too: bool [objects, height, width].

    Raises:
        AssetError: this installation lacks the sprites it was made of.
    """
    from benchwright.builders.rendering import composer
    from benchwright.builders.scenes import LIGHTING

    looks = {light: look for look, light in LIGHTING.items()}
    return composer(looks[record.lighting]).full_masks(record.scene())
