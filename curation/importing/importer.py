"""Importing a folder of an original set: looked at file by file, then written as a set of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from benchwright import engine, rejects
from benchwright.collected_recipe import ImportRecipe
from benchwright.curation.importing import compositions, counteranimal
from benchwright.curation.importing.found import Shown, find
from benchwright.curation.mined.readers import FolderReader
from benchwright.curation.mined.stored import MAGIC, Seen, stored
from benchwright.curation.mined.writing import Report, Sample, SetFacts, write
from benchwright.curation.models.decoding import ImageRefused
from benchwright.errors import DatasetError, RecipeError, did_you_mean
from benchwright.imported_record import ImportedRecord, NamedObject
from benchwright.mined_record import MinedRecord, Source
from benchwright.recipe_file import dump, override, validate
from benchwright.record import Caption
from benchwright.rejection import Reason
from benchwright.rejects import Reject
from benchwright.sample_kinds import IMPORTED, MINED, Label, SampleKind
from benchwright.shards import MAX_MEMBER

Progress = Callable[[int, int], None]

TITLES = {
    "counteranimal": "CounterAnimal, imported",
    "simco": "SIMCO, imported",
    "comco": "ComCO, imported",
}
"""Layouts that can be imported, and what their sets are called unless the recipe says otherwise."""

CHUNK = 64
"""Files a task: enough for a worker to be busy for a second, few enough to share."""

TEMPLATE = "original"
"""Template of the one caption of an imported picture: names joined by "and", as in TOR."""


@dataclass(frozen=True, slots=True)
class Look:
    """Some files to look at."""

    root: Path
    found: tuple[Shown, ...]
    picture: str
    quality: int


def recipe_of(layout: str, overrides: Sequence[str] = ()) -> ImportRecipe:
    """The recipe of an import: what the layout gives, changed by ``a.b=value`` settings.

    Raises:
        RecipeError: there is no such layout, or a setting is wrong.
    """
    if layout not in TITLES:
        hint = did_you_mean(layout, TITLES) or f"; there are {', '.join(TITLES)}"
        raise RecipeError(f'there is no layout "{layout}" to import{hint}')
    fields: dict[str, Any] = {
        "recipe": 1, "kind": "import", "name": f"{layout}-imported", "title": TITLES[layout],
        "licence": "unknown", "layout": layout,
    }  # fmt: skip
    for setting in overrides:
        override(fields, setting)
    recipe = validate(fields, f"import {layout}")
    if not isinstance(recipe, ImportRecipe) or recipe.layout != layout:
        raise RecipeError("import: kind and layout are not settings")
    return recipe


def import_folder(
    recipe: ImportRecipe,
    root: Path,
    folder: Path,
    workers: int | None = None,
    progress: Progress = lambda done, total: None,
) -> Report:
    """Make a dataset folder of an original's folder.

    Every file is in it, or in its ``rejects.parquet`` with the reason. The same folder gives the
    same bytes; run again to resume.

    Args:
        recipe: what the folder holds, and how it is to be published.
        root: the original's folder; nothing in it is changed.
        folder: the dataset folder to write.
        workers: processes, default all cores.
        progress: called with files looked at and written, and twice their number.

    Raises:
        DatasetError: no such folder, nothing in it that can be used, or ``folder`` cannot be
            written.
    """
    if folder.resolve().is_relative_to(root.resolve()):
        raise DatasetError(f"{folder}: is inside the folder to import; choose another --out")
    reading = (
        counteranimal.reading
        if recipe.layout == "counteranimal"
        else partial(compositions.reading, recipe.layout)
    )
    everything = list(find(root, reading))
    found = [one for one in everything if isinstance(one, Shown)]
    rejected = [one for one in everything if isinstance(one, Reject)]
    picture = _picture(root, found)
    kept, refused = _looked_at(recipe, root, found, picture, workers, progress)
    kind = _kind(recipe, kept, picture)
    samples = [_sample(recipe, kind, shown, image) for shown, image in kept]
    facts = SetFacts(
        kind, recipe.name, recipe.title, recipe.licence, "counteranimal", len(everything),
        recipe.seed, recipe.quality, recipe.shard_size, {"imported_from": recipe.layout},
    )  # fmt: skip
    table = rejects.table([*rejected, *refused])
    looked = len(found)
    return write(
        folder, dump(recipe), samples, FolderReader(root.resolve()), table, facts, workers,
        lambda done, total: progress(looked + done, looked + total),
    )  # fmt: skip


def _picture(root: Path, found: Iterable[Shown]) -> str:
    """The format a set is stored in: PNG where every file is one, as in SIMCO and ComCO."""
    heads = set()
    for shown in found:
        with (root / shown.at).open("rb") as file:
            heads.add(file.read(len(MAGIC["png"])) == MAGIC["png"])
    return "png" if heads == {True} else "jpg"


def _looked_at(
    recipe: ImportRecipe,
    root: Path,
    found: list[Shown],
    picture: str,
    workers: int | None,
    progress: Progress,
) -> tuple[list[tuple[Shown, Seen]], list[Reject]]:
    """The files that can be stored, and those that cannot."""
    tasks = [
        Look(root, tuple(found[at : at + CHUNK]), picture, recipe.quality)
        for at in range(0, len(found), CHUNK)
    ]
    count = min(workers or engine.default_workers(), max(1, len(tasks)))
    done, outcomes = 0, dict[str, tuple[Shown, Seen | Reject]]()
    for task, images in engine.run(look, tasks, count):
        outcomes |= {shown.at: (shown, image) for shown, image in zip(task, images, strict=True)}
        done += len(images)
        progress(done, 2 * len(found))
    return _decided(recipe, [outcomes[shown.at] for shown in found])


def look(task: Look) -> tuple[tuple[Shown, ...], list[Seen | Reject]]:
    """The stage: look at some files."""
    return task.found, [_look(task, shown) for shown in task.found]


def _look(task: Look, shown: Shown) -> Seen | Reject:
    path = task.root / shown.at
    try:
        if path.stat().st_size > MAX_MEMBER:
            raise ImageRefused(Reason.TOO_LARGE, f"{path.stat().st_size:,} bytes")
        _, seen = stored(path.read_bytes(), task.picture, task.quality)
    except ImageRefused as refused:
        return _reject(shown, refused.reason, refused.detail)
    except OSError as error:
        return _reject(shown, Reason.NO_IMAGE, f"cannot be read: {error.strerror}")
    return seen


def _reject(shown: Shown, reason: Reason, detail: str) -> Reject:
    folder, _, name = shown.at.rpartition("/")
    return Reject(name, folder, reason, detail)


def _decided(
    recipe: ImportRecipe, outcomes: Iterable[tuple[Shown, Seen | Reject]]
) -> tuple[list[tuple[Shown, Seen]], list[Reject]]:
    """Keep the first of several files with one image, and leave out what was withdrawn."""
    withdrawn = {sample.key: sample.why for sample in recipe.withdrawn}
    kept: dict[str, tuple[Shown, Seen]] = {}
    rejected: list[Reject] = []
    for shown, image in outcomes:
        if isinstance(image, Reject):
            rejected.append(image)
        elif (key := image.key) in withdrawn:
            rejected.append(_reject(shown, Reason.REVIEWED_OUT, withdrawn[key]))
        elif key in kept:
            rejected.append(_reject(shown, Reason.DUPLICATE, kept[key][0].at))
        else:
            kept[key] = (shown, image)
    return list(kept.values()), rejected


def _kind(recipe: ImportRecipe, kept: list[tuple[Shown, Seen]], picture: str) -> SampleKind:
    if recipe.layout != "counteranimal":
        return replace(IMPORTED, picture=picture)
    ids = {shown.label: shown.id for shown, _ in kept}
    if len({(shown.label, shown.id) for shown, _ in kept}) > len(ids):
        raise DatasetError("one class has two numbers in the folder; rename its folders alike")
    ordered = sorted(ids, key=lambda name: (int(ids[name]), name))
    return replace(MINED, picture=picture, labels=tuple(Label(n, ids[n]) for n in ordered))


def _sample(recipe: ImportRecipe, kind: SampleKind, shown: Shown, image: Seen) -> Sample:
    source = Source(recipe.layout, "", shown.at)
    if kind.name == MINED.name:
        return Sample(
            MinedRecord(
                image.key, shown.label, "folder", kind.classes.index(shown.label),
                image.width, image.height, image.sha256, source, recipe.creator,
                recipe.image_licence, background=shown.background, brightness=image.brightness,
                group=shown.group,
            ),
            shown.at,
        )  # fmt: skip
    roles = compositions.sizes(recipe.layout, shown.label, len(shown.objects))
    objects = tuple(
        NamedObject(name, slot, size)
        for slot, (name, size) in enumerate(zip(shown.objects, roles, strict=True))
    )
    caption = Caption(" and ".join(shown.objects), tuple(range(len(objects))), TEMPLATE)
    record = ImportedRecord(
        image.key, image.width, image.height, image.sha256, source, recipe.creator,
        recipe.image_licence, shown.label, objects, (caption,),
    )  # fmt: skip
    return Sample(record, shown.at, compositions.place(recipe.layout, shown.label))
