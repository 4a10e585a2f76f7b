"""The first steps: addresses to shards, shards to embeddings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from benchwright.curation.download import download as fetching
from benchwright.curation.download.inaturalist import PhotoChoice
from benchwright.curation.embed.plan import set_name
from benchwright.curation.embed.run import embed
from benchwright.curation.embed.sources import find_shards
from benchwright.curation.embeddings import EmbeddingSet
from benchwright.curation.labelling.classes import Classes
from benchwright.curation.pipeline.mining import Mining, Progress, Sets
from benchwright.curation.pipeline.work import Step
from benchwright.errors import DatasetError

SHARDS, EMBEDDINGS, ROWS = "shards", "embeddings", "rows.parquet"

REASONS_TOLD = 3
"""Of a download that came to nothing, the most frequent."""

LOOPBACK = ("127.0.0.0/8", "::1/128")
"""Where a corpus of our own is served."""


def download(mining: Mining, chosen: Classes) -> tuple[str, Step | None]:
    """Fetch the images of the recipe's source into the work folder.

    Args:
        mining: the run.
        chosen: the classes; captions are filtered by them where the recipe asks for it.

    Returns:
        The folder of shards, or its URL; no step where the recipe names shards that are there.

    Raises:
        DatasetError: as ``download`` does, or no image came; what was finished is kept.
    """
    source = mining.recipe.source
    if source.shards is not None:
        return source.shards, None
    out = mining.work.folder / SHARDS
    wanted = tuple(entry.words for entry in chosen.entries)
    filtered = source.prefilter or source.inaturalist is not None
    settings = fetching.DownloadSettings(
        classes=wanted if filtered else (),
        resize=source.resize,
        processes=mining.here,
        allow_private=(*source.allow_private, *(LOOPBACK if source.corpus else ())),
        limit=source.limit,
        placeholder_addresses=mining.recipe.filters.urls,
        retry=(out / ROWS).is_file(),  # of a run that came to nothing, or of another source
    )

    def run(inputs: str) -> Step:
        with mining.begin("downloading") as progress:
            report = _fetch(mining, out, settings, progress)
        status = dict(report.summary.status)
        downloaded = status.pop("downloaded", 0)
        if not downloaded:
            raise DatasetError(_nothing(out, status))
        return Step("download", inputs, report.summary.rows, downloaded, status)

    inputs = [source.model_dump(mode="json"), repr(settings.classes)]
    return str(out), mining.work.step("download", inputs, run, (out / ROWS).is_file)


def _nothing(out: Path, status: Mapping[str, int]) -> str:
    """What to say where no address gave an image."""
    ordered = sorted(status.items(), key=lambda item: (-item[1], item[0]))
    told = ", ".join(f"{count:,} {reason}" for reason, count in ordered[:REASONS_TOLD])
    rows = sum(status.values())
    return (
        f"{out / ROWS}: none of {rows:,} rows gave an image ({told or 'the tables are empty'}); "
        "see that the network and the recipe's source are right, and run the same command again"
    )


def _fetch(
    mining: Mining, out: Path, settings: fetching.DownloadSettings, progress: Progress
) -> fetching.DownloadReport:
    source = mining.recipe.source
    if source.inaturalist is None:
        with mining.tables() as tables:
            return fetching.download(tables, out, settings, progress)
    if not Path(source.inaturalist).is_dir():
        raise DatasetError(
            f"{source.inaturalist}: no such folder; fetch iNaturalist's tables into it (taxa, "
            "observations, photos and observers, docs/mine.md says how), or name the folder that "
            "has them: --set source.inaturalist=FOLDER"
        )
    choice = PhotoChoice(per_class=source.per_class, seed=mining.recipe.seed)
    if source.photos:
        choice = replace(choice, photos=source.photos)
    return fetching.download_inaturalist(Path(source.inaturalist), out, choice, settings, progress)


def embedded(mining: Mining, shards: str) -> tuple[Sets, Step]:
    """Embed shards with all models of the recipe; one that has seen them all is not loaded.

    Args:
        mining: the run.
        shards: what ``benchwright embed`` takes.

    Raises:
        DatasetError: no shards, or one that cannot be read.
        ModelError: a model cannot be had.
    """
    models, source = mining.recipe.models, find_shards(shards)
    names = [models.judge, models.probe, *models.others]
    home = mining.work.folder / EMBEDDINGS

    def run(inputs: str) -> Step:
        with mining.begin("embedding") as progress:
            report = embed(
                shards, names, models.mode, (mining.device,),
                workers=mining.workers, out=home, progress=progress,
            )  # fmt: skip
        rejected = sum(report.reasons.values())
        return Step(
            "embed", inputs, report.sets[0].samples + rejected, report.sets[0].samples,
            dict(report.reasons),
            {"sets": [set_name(of.identity, of.mode) for of in report.sets]},
        )  # fmt: skip

    def whole() -> bool:
        earlier = mining.work.earlier("embed")
        folders = earlier.facts.get("sets", []) if earlier else []
        return all(_is_whole(home / str(name)) for name in folders)

    listed = [[shard.name, shard.bytes, str(shard.stamp)] for shard in source.shards]
    step = mining.work.step("embed", [names, models.mode, listed], run, whole)
    judge, probe, *others = (EmbeddingSet.open(home / str(name)) for name in step.facts["sets"])
    return Sets(source.root, judge, probe, tuple(others)), step


def _is_whole(folder: Path) -> bool:
    """Whether an embedding set is there with every file of every part."""
    try:
        images = EmbeddingSet.open(folder)
    except DatasetError:
        return False
    files = (of(folder) for part in images.parts
             for of in (part.vectors_file, part.metadata_file, part.rejects_file))  # fmt: skip
    return all(file.is_file() for file in files)
