"""The commands as Python functions: what ``import benchwright as bw`` offers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from benchwright.builders.assets.packs import Listed
    from benchwright.builders.build import Report as BuildReport
    from benchwright.builders.corpus.folder import Corpus
    from benchwright.builders.corpus.serving import Served
    from benchwright.recipe import Objects
    from benchwright.record import Caption, SceneRecord
    from benchwright.verification import Report as VerifyReport

Progress = Callable[[int, int], None]


def quiet(done: int, total: int) -> None:
    """No progress shown."""


@contextmanager
def on_ray(address: str = "") -> Iterator[None]:
    """Run what is called inside on a Ray cluster; see docs/cluster.md.

    Args:
        address: of a cluster to join: ``auto``, ``10.0.0.1:6379``; empty takes ``RAY_ADDRESS`` of
            the environment, or else starts Ray on this machine alone.

    Raises:
        BenchwrightError: Ray is not installed, or no cluster is there.
    """
    from benchwright.ray_engine import cluster

    with cluster(address):
        yield


def build(
    source: str | Path,
    out: str | Path | None = None,
    overrides: Sequence[str] = (),
    workers: int | None = None,
    progress: Progress = quiet,
) -> BuildReport:
    """Build a set of scenes or of captions from a recipe.

    Args:
        source: a shipped recipe's name (``simco``) or a YAML file.
        out: dataset folder or its URL (``s3://bucket/set``), default ``runs/<name of the recipe>``.
        overrides: ``a.b=value`` settings.
        workers: processes, default all cores; the bytes don't depend on it.
        progress: called with samples done and in all.

    Raises:
        RecipeError: the recipe is wrong; nothing has been written.
        DatasetError: the folder cannot be written.
    """
    from benchwright import engine, mirror
    from benchwright.collected_recipe import CollectedRecipe
    from benchwright.corpus_recipe import CorpusRecipe
    from benchwright.errors import RecipeError
    from benchwright.recipe_file import load_any
    from benchwright.text_recipe import TextRecipe

    recipe = load_any(source, overrides)
    if isinstance(recipe, CollectedRecipe):
        raise RecipeError(f"{source}: images that were found are not built; see docs/mined-sets.md")
    if isinstance(recipe, CorpusRecipe):
        raise RecipeError(f"{source}: of a web corpus; build it by: benchwright corpus build")
    place = out or f"runs/{recipe.name}"
    with engine.named(recipe.engine), mirror.opened(place) as folder:
        if isinstance(recipe, TextRecipe):
            from benchwright.builders.text.build import build as build_captions

            return build_captions(recipe, folder, workers, progress)
        from benchwright.builders.build import build as build_scenes

        return build_scenes(recipe, folder, workers, progress)


def extend(
    source: str | Path,
    objects: Sequence[str] = (),
    backgrounds: Sequence[str] = (),
    out: str | Path | None = None,
    workers: int | None = None,
    progress: Progress = quiet,
) -> tuple[Path, BuildReport]:
    """Append objects or backgrounds to a recipe and build what that adds.

    Args:
        source: a YAML file, which grows; or a shipped recipe's name, whose extension is written to
            a file of that name here.
        objects: ``axolotl`` of the catalogue, or ``axolotl=path/to/folder`` that holds it.
        backgrounds: ``lava`` of the catalogue, or ``lava=path/to/photographs``.
        out: dataset folder, default ``runs/<name of the recipe>``; what it holds already stays.
        workers: processes, default all cores.
        progress: called with samples done and in all.

    Returns:
        The recipe file, and what the build did.

    Raises:
        RecipeError: the recipe is wrong, before or after; nothing has been written then.
        DatasetError: the folder cannot be written.
    """
    from benchwright.builders.extension import extended, recipe_text
    from benchwright.dataset import write_text

    text, path = recipe_text(source)
    grown = extended(text, list(objects), list(backgrounds), str(source))
    if grown != text or not path.is_file():
        write_text(path, grown)
    return path, build(path, out, workers=workers, progress=progress)


def verify(
    folder: str | Path, workers: int | None = None, progress: Progress = quiet
) -> VerifyReport:
    """Check every count, digest, schema, image, box and mask, or caption, of a dataset folder.

    Raises:
        DatasetError: there is no dataset to verify.
    """
    from benchwright.dataset import Dataset
    from benchwright.sample_kinds import CAPTIONS, kind_of
    from benchwright.verification import verify as verify_folder

    kind = kind_of(Dataset.open(Path(folder)))
    if kind is CAPTIONS:
        from benchwright.builders.text.checking import verify as verify_captions

        return verify_captions(Path(folder), workers, progress)
    if kind.collected:
        from benchwright.collected_checks import sample_problems as collected_problems

        nothing_drawn = ""  # so nothing is left unchecked for want of sprites
        check = partial(collected_problems, kind)
        return verify_folder(Path(folder), check, workers, progress, nothing_drawn)
    from benchwright.builders.sample_checks import sample_problems

    objects = _recomposable(Path(folder))
    look = objects.look if objects else None
    return verify_folder(Path(folder), partial(sample_problems, objects), workers, progress, look)


def verify_digests(
    folder: str | Path, workers: int | None = None, progress: Progress = quiet
) -> VerifyReport:
    """Check every byte of a dataset folder against its digests, and open no sample.

    What ``verify --digests`` does: hundreds of times as fast as ``verify``, for copies.

    Raises:
        DatasetError: there is no dataset to verify.
    """
    from benchwright.digest_checks import verify_digests as verify_folder

    return verify_folder(Path(folder), workers, progress)


def _recomposable(folder: Path) -> Objects | None:
    """The objects whose sprites can recompose this set's masks here, if they are the very same."""
    from benchwright.builders.sources import asset_digests
    from benchwright.dataset import BUILD, RECIPE
    from benchwright.errors import BenchwrightError
    from benchwright.recipe_file import load

    try:
        facts = json.loads((folder / BUILD).read_text("utf-8"))
        recipe = load(folder / RECIPE)
        same = recipe.render == "composed" and facts["assets"] == asset_digests(recipe)
        return recipe.objects if same else None
    except (BenchwrightError, OSError, ValueError, KeyError, TypeError):
        return None  # what is broken here is a problem that the folder's own checks name


def show(folder: str | Path, columns: int = 4) -> Path:
    """Write a dataset's contact sheet and return its path.

    A set of classes gets a page every few classes, each class's groups side by side; the path is
    that of the first.

    Raises:
        DatasetError: there is no dataset here.
    """
    from benchwright.contact_sheet import save
    from benchwright.dataset import Dataset

    return Path(folder) / save(Dataset.open(Path(folder)), columns)[0]


def assets() -> list[Listed]:
    """The asset packs: what each holds, on what terms, and whether it is installed."""
    from benchwright.builders.assets.packs import listed

    return listed()


def install_assets(name: str) -> None:
    """Install an asset pack with the package manager that carries it.

    Raises:
        AssetError: there is no such pack, or installing it failed: the message holds the command.
    """
    from benchwright.builders.assets.packs import install

    install(name)


def show_assets(name: str, out: str | Path | None = None) -> Path:
    """Draw a contact sheet of a pack, or of a folder of meshes or cutouts.

    Args:
        name: the pack, folder or library.
        out: JPEG, default ``<name>.jpg`` here.

    Raises:
        AssetError: there is no such source, or it is not installed.
    """
    from benchwright.builders.assets.showing import show as show_source

    return show_source(name, Path(out or f"{Path(name).stem}.jpg"))


def build_corpus(
    source: str | Path,
    out: str | Path | None = None,
    overrides: Sequence[str] = (),
    workers: int | None = None,
    progress: Progress = quiet,
) -> Corpus:
    """Build a web corpus: a table of addresses like LAION's, what they serve, and the truth.

    Args:
        source: a shipped recipe's name (``corpus-demo``) or a YAML file.
        out: folder, default ``runs/<name of the recipe>``.
        overrides: ``a.b=value`` settings.
        workers: processes, default all cores; the bytes don't depend on it.
        progress: called with pages done and in all.

    Raises:
        RecipeError: the recipe is wrong, or not of a corpus; nothing has been written.
        DatasetError: the folder cannot be written.
    """
    from benchwright.builders.corpus.build import build
    from benchwright.corpus_recipe import CorpusRecipe
    from benchwright.errors import RecipeError
    from benchwright.recipe_file import load_any

    recipe = load_any(source, overrides)
    if not isinstance(recipe, CorpusRecipe):
        raise RecipeError(f"{source}: not of a web corpus; build it by: benchwright build")
    return build(recipe, Path(out or f"runs/{recipe.name}"), workers, progress)


def serve_corpus(folder: str | Path, port: int | None = None) -> AbstractContextManager[Served]:
    """Serve a corpus on this machine's loopback addresses until the ``with`` block ends.

    Args:
        folder: of the corpus.
        port: default the recipe's; 0 for any that is free. ``.table`` of what is yielded is the
            table with the addresses as they are served.

    Raises:
        DatasetError: there is no corpus, or the port is taken.
    """
    from benchwright.builders.corpus.folder import Corpus
    from benchwright.builders.corpus.serving import serving

    corpus = Corpus.open(Path(folder))
    return serving(corpus.folder, corpus.recipe.port if port is None else port)


def recipes() -> dict[str, str]:
    """Name to YAML text of the shipped recipes."""
    from benchwright.recipe_file import shipped

    return shipped()


def schema() -> dict[str, Any]:
    """The JSON Schema of recipes."""
    from pydantic import TypeAdapter

    from benchwright.recipe_file import AnyRecipe

    described = TypeAdapter(AnyRecipe).json_schema()
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


def full_masks(record: SceneRecord, recipe: str | Path | None = None) -> NDArray[np.bool_]:
    """Each object's whole mask, hidden parts too: bool [objects, height, width].

    Args:
        record: the scene.
        recipe: of its set; needed where the assets came from somebody's own folder, or were scaled
            to equal areas.

    Raises:
        AssetError: this installation lacks the sprites it was made of, or they are others.
        RecipeError: the recipe is needed.
    """
    from benchwright.builders.rendering import composer
    from benchwright.builders.sources import source_of_record
    from benchwright.errors import AssetError
    from benchwright.recipe_file import load

    assets = [placed.asset for placed in record.objects]
    objects = load(recipe).objects if recipe else source_of_record(record.lighting, assets)
    masks = composer(objects).full_masks(record.scene())
    for placed, mask in zip(record.objects, masks, strict=True):
        if int(mask.sum()) != placed.full_area:
            raise AssetError(
                f"{record.key}: {placed.asset} covers {int(mask.sum())} pixels here, "
                f"{placed.full_area} in its record: made of other sprites, or scaled; give the "
                "recipe, and the pack's version in build.json"
            )
    return masks
