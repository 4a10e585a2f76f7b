"""The commands that find images and score them, as Python functions."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from benchwright.api import Progress, quiet

if TYPE_CHECKING:
    from benchwright.curation.download.download import DownloadReport, DownloadSettings
    from benchwright.curation.download.inaturalist import PhotoChoice
    from benchwright.curation.embed.report import Report as EmbedReport
    from benchwright.curation.importing.rebuilding import RebuildReport
    from benchwright.curation.mined.writing import Report as WriteReport
    from benchwright.curation.models.catalogue import Listing
    from benchwright.curation.models.identity import Model
    from benchwright.curation.models.preprocess import Mode


def models(filter: str = "") -> list[Listing]:
    """The models that can be named: shipped, open_clip's and timm's.

    Args:
        filter: keep ids that hold this text, in any case; ``*`` and ``?`` stand for letters.
            Without one, timm's many are left out.
    """
    from benchwright.curation.models.catalogue import listed

    return listed(filter)


def load_model(model_id: str, device: str = "cpu", dtype: str = "") -> Model:
    """Load a model by its id.

    Args:
        model_id: ``ViT-B-32/laion2b_s34b_b79k``, ``ViT-B-32@/path/epoch_3.pt``,
            ``timm/resnet50.a1_in1k``, ``calibration``; docs/models.md has all forms.
        device: ``cpu``, ``cuda``, ``cuda:1`` or ``mps``.
        dtype: ``float32``, ``bfloat16`` or ``float16``; default: float32, on CUDA float16.

    Raises:
        ModelError: no such model, its weights are not to be had, or they are not what the
            architecture takes.
    """
    from benchwright.curation.models.registry import load_model as load

    return load(model_id, device, dtype)


def embed(
    shards: str | Path,
    model: str | Sequence[str],
    mode: Mode = "exact",
    device: str = "cpu",
    dtype: str = "",
    batch: int | None = None,
    workers: int | None = None,
    out: str | Path | None = None,
    most_rejected: float = 0.2,
    progress: Progress = quiet,
) -> EmbedReport:
    """Turn the images of shards into embedding sets, one a model; what is there already stays.

    Args:
        shards: a folder (every tar below it), a tar, a pattern such as ``s/{00000..00042}.tar``,
            or a URL of these. ``benchwright.curation.embeddings.EmbeddingSet`` opens the result.
        model: one id or several; an image is decoded once for all.
        mode: ``exact`` is the model's own preprocess; ``fast`` decodes JPEGs at reduced size, for
            mining only.
        device: ``cpu``, ``cuda``, ``mps``, or several that share the shards: ``cuda:0,cuda:1``.
        dtype: ``float32``, ``bfloat16`` or ``float16``; default: float32, on CUDA float16.
        batch: images; default 32 on a CPU, 256 elsewhere.
        workers: reader processes, default all cores.
        out: folder of the sets' folders, or its URL; default ``embeddings`` beside the shards.
        most_rejected: share of the samples that may be unreadable before the run stops.
        progress: called with samples done and, as far as can be told, in all.

    Raises:
        DatasetError: no shards, one that cannot be read, or a folder that is taken.
        ModelError: a model cannot be loaded.
        BenchwrightError: too much was rejected, or a process died; finished parts are kept.
    """
    from benchwright import mirror
    from benchwright.curation.embed.run import LEFT
    from benchwright.curation.embed.run import embed as embed_shards

    models = [model] if isinstance(model, str) else list(model)
    with mirror.opened(out, LEFT) if out else nullcontext() as home:
        return embed_shards(
            str(shards), models, mode, device.split(","), dtype, batch, workers, home,
            most_rejected, progress,
        )  # fmt: skip


def download(
    tables: str | Path | Sequence[str | Path] = (),
    out: str | Path = "shards",
    classes: str = "",
    settings: DownloadSettings | None = None,
    inaturalist: str | Path | None = None,
    photos: PhotoChoice | None = None,
    progress: Progress = quiet,
) -> DownloadReport:
    """Fetch the images of tables of addresses into shards; every row is accounted for.

    Args:
        tables: Parquet, CSV or TSV: files, folders or globs, local or fsspec URLs.
        out: folder of the shards and of ``rows.parquet``; calling again goes on.
        classes: only rows whose caption names one; ``cat, dog`` or a file of classes.
        settings: how to fetch and store; its ``classes`` count where ``classes`` is empty.
        inaturalist: folder with iNaturalist's tables, instead of ``tables``.
        photos: which of iNaturalist's photographs.
        progress: called with rows done and in all.

    Raises:
        DatasetError: a table cannot be used, the folder is another's, img2dataset failed, or the
            network is broken. What was finished is kept.
        VocabularyError: the classes cannot be used.
    """
    from dataclasses import replace

    from benchwright.curation.download import download as work
    from benchwright.curation.download.inaturalist import PhotoChoice
    from benchwright.curation.vocabulary import load_classes
    from benchwright.errors import BenchwrightError

    settings = settings or work.DownloadSettings()
    if classes:
        settings = replace(settings, classes=load_classes(classes))
    names = [str(tables)] if isinstance(tables, str | Path) else [str(name) for name in tables]
    if bool(names) == (inaturalist is not None):
        raise BenchwrightError("give tables of addresses, or --inaturalist FOLDER")
    if inaturalist is None:
        return work.download(names, Path(out), settings, progress)
    choice = photos or PhotoChoice()
    return work.download_inaturalist(Path(inaturalist), Path(out), choice, settings, progress)


def import_(
    layout: str,
    folder: str | Path,
    out: str | Path,
    overrides: Sequence[str] = (),
    workers: int | None = None,
    progress: Progress = quiet,
) -> WriteReport:
    """Make a dataset folder of an original set's folder.

    Args:
        layout: ``counteranimal``, ``simco`` or ``comco``.
        folder: the original's; nothing in it is changed.
        out: the dataset folder to write.
        overrides: ``a.b=value`` settings: ``image_licence=cc-by-4.0``, ``payload=references``.
        workers: processes, default all cores.
        progress: called with steps done and in all.

    Raises:
        RecipeError: no such layout, or a setting is wrong.
        DatasetError: nothing in the folder can be used, or ``out`` cannot be written.
    """
    from benchwright.curation.importing.importer import import_folder, recipe_of

    recipe = recipe_of(layout, overrides)
    return import_folder(recipe, Path(folder), Path(out), workers, progress)


def rebuild(
    folder: str | Path,
    downloads: Sequence[str | Path],
    out: str | Path,
    workers: int | None = None,
    progress: Progress = quiet,
) -> RebuildReport:
    """Build a references-only set from its images, downloaded anew; each is known by its digest.

    Args:
        folder: the set as pulled.
        downloads: folders that ``download`` filled from its tables of references.
        out: the dataset folder to write.
        workers: processes, default all cores.
        progress: called with images written and in all.

    Raises:
        DatasetError: no such set, or none of its images is there.
    """
    from benchwright.curation.importing.rebuilding import rebuild as rebuild_set

    return rebuild_set(Path(folder), [Path(d) for d in downloads], Path(out), workers, progress)
