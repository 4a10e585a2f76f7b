"""What can be said of a dataset folder without opening a shard."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from benchwright import dataset as files
from benchwright import record_schema, references
from benchwright.collected_checks import folder_problems as collected_problems
from benchwright.dataset import Dataset
from benchwright.errors import BenchwrightError, DatasetError
from benchwright.front_matter import declared, declared_references, split_card
from benchwright.recipe_file import load_any, load_pictures
from benchwright.sample_kinds import kind_of

Fault = tuple[str, str]

OTHER_MANIFEST: Fault = (
    files.MANIFEST, f"not the one that {files.SHARDS} was written with (sha256 differs)"
)  # fmt: skip


def folder_problems(dataset: Dataset) -> Iterator[Fault]:
    """(where, what) of every fault in the own files of a folder of images."""
    if not dataset.manifest_is_recorded():
        yield OTHER_MANIFEST
    yield from _manifest_problems(dataset)
    yield from _info_problems(dataset)
    yield from shared_problems(dataset)
    if (kind := kind_of(dataset)).collected:
        yield from collected_problems(dataset, kind)


def shared_problems(dataset: Dataset) -> Iterator[Fault]:
    """(where, what) of every fault in the files that the folders of all kinds have."""
    yield from _stray_problems(dataset)
    yield from _card_problems(dataset)
    yield from _build_problems(dataset)


def _manifest_problems(dataset: Dataset) -> Iterator[Fault]:
    table = files.read_table(dataset.folder / files.MANIFEST, record_schema.MANIFEST)
    known = {shard.shard for shard in (*dataset.shards, *dataset.absent)}
    for shard in sorted(set(table["shard"].to_pylist()) - known):
        yield files.MANIFEST, f"rows point to {shard}, which {files.SHARDS} does not list"
    seen: set[tuple[str, str, str]] = set()
    columns = (table[name].to_pylist() for name in ("config", "split", "key"))
    for row in zip(*columns, strict=True):
        if row in seen:
            yield files.MANIFEST, f"key {row[2]} is twice in {row[0]}/{row[1]}"
        seen.add(row)
    keys = {key for _, _, key in seen}
    for original in sorted(set(table["twin_of"].to_pylist()) - keys - {""}):
        yield files.MANIFEST, f"twins point to scene {original}, which is not in the set"


def _stray_problems(dataset: Dataset) -> Iterator[Fault]:
    known = {shard.shard for shard in dataset.shards}
    for path in sorted(dataset.folder.glob(f"*/*{dataset.ending}")):
        name = path.relative_to(dataset.folder).as_posix()
        if name not in known and path.parent.name != files.STAGING:
            yield name, f"{files.SHARDS} does not list this shard, but readers would load it"


def _card_problems(dataset: Dataset) -> Iterator[Fault]:
    try:
        front, _ = split_card((dataset.folder / files.CARD).read_text("utf-8"))
    except (OSError, UnicodeDecodeError, DatasetError) as error:
        yield files.CARD, f"no front matter that readers can use: {error}"
        return
    actual = declared(dataset)
    if _withholds(front):
        actual = declared_references(dataset)
        yield from references.problems(dataset)
    for part in ("configs", "dataset_info"):
        said = _by_config(front.get(part))
        for config, expected in _by_config(actual[part]).items():
            if said.get(config) != expected:
                yield files.CARD, f"{part} of {config} is not what the tables say"
        for config in said.keys() - _by_config(actual[part]).keys():
            yield files.CARD, f"{part} declares {config}, of which there is nothing"


def _withholds(front: dict[str, Any]) -> bool:
    """Whether a card declares tables of references in place of images."""
    configs = _by_config(front.get("configs")).values()
    files = [file for config in configs for file in config.get("data_files") or ()]
    paths = [str(file.get("path")) for file in files if isinstance(file, dict)]
    return any(path.startswith(f"{references.FOLDER}/") for path in paths)


def card_holds(dataset: Dataset) -> bool:
    """Whether there is a card that says what the tables say."""
    return not any(_card_problems(dataset))


def _by_config(entries: Any) -> dict[str, Any]:
    known = [e for e in entries if isinstance(e, dict)] if isinstance(entries, list) else []
    return {str(entry.get("config_name")): entry for entry in known}


def _info_problems(dataset: Dataset) -> Iterator[Fault]:
    for config in dict.fromkeys(shard.config for shard in dataset.shards):
        name = f"{config}/{files.INFO}"
        read = files.read_json(dataset.folder / name)
        if not isinstance(read, dict) or not isinstance(read.get("splits"), dict):
            yield name, "missing, or not as timm reads it"
            continue
        for (of, split), count in dataset.splits().items():
            said = read["splits"].get(split)
            said = said.get("num_samples") if isinstance(said, dict) else None
            if of == config and said != count:
                yield name, f"{split}: {said} samples, the tables say {count}"


def _build_problems(dataset: Dataset) -> Iterator[Fault]:
    facts = files.read_json(dataset.folder / files.BUILD)
    if not isinstance(facts, dict):
        yield files.BUILD, "missing or not JSON"
        return
    if facts.get("dataset_sha256") != dataset.digest:
        yield files.BUILD, "dataset_sha256 is not the digest of the shards listed"
    recipe = dataset.folder / files.RECIPE
    if not recipe.is_file():
        yield files.RECIPE, "missing"
    elif sha256(recipe.read_bytes()).hexdigest() != facts.get("recipe_sha256"):
        yield files.RECIPE, f"not the recipe that was built ({files.BUILD} has another sha256)"
    else:
        yield from _recipe_problems(recipe, kind_of(dataset).collected)


def _recipe_problems(path: Path, collected: bool) -> Iterator[Fault]:
    try:
        (load_pictures if collected else load_any)(path)
    except BenchwrightError as error:
        yield files.RECIPE, str(error)
