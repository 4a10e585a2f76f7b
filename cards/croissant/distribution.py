"""The files of a dataset: each tar and table with its digest, and what lies in a config's tars."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from benchwright import references
from benchwright.cards.facts import Facts
from benchwright.dataset import MANIFEST
from benchwright.sample_kinds import SampleKind
from benchwright.shards import file_sha256


@dataclass(frozen=True, slots=True)
class Member:
    """One of the files that make a sample.

    Attributes:
        extension: what follows the key and a dot.
        name: of the field that holds it.
        media_type: its encoding.
        data_type: what a reader makes of it.
        description: what it says.
    """

    extension: str
    name: str
    media_type: str
    data_type: str
    description: str


SCENE = (
    Member("jpg", "image", "image/jpeg", "sc:ImageObject", "The scene."),
    Member(
        "mask.png", "mask", "image/png", "sc:ImageObject",
        "8-bit mask: 1 + the index of the object seen at a pixel, 0 for the background.",
    ),
    Member(
        "json", "json", "application/json", "sc:Text",
        "The record, a JSON object: camera, lighting, background, every object with pose, slot, "
        "box and visible area, captions with the order in which they name the objects.",
    ),
)  # fmt: skip


LABEL = Member("cls", "label", "text/plain", "sc:Text", "The number of the image's class.")


def members(kind: SampleKind) -> tuple[Member, ...]:
    """What a sample of a set is made of."""
    if not kind.collected:
        return SCENE
    media = {"jpg": "image/jpeg", "png": "image/png"}[kind.picture]
    image = Member(kind.picture, "image", media, "sc:ImageObject", "The image.")
    record = Member(
        "json", "json", "application/json", "sc:Text",
        "The record, a JSON object: what the image shows, who says so, where it is from and on "
        "what terms.",
    )  # fmt: skip
    return (image, *([LABEL] if "cls" in kind.others else []), record)


def distribution(facts: Facts) -> list[dict[str, Any]]:
    """The manifest, then the shards and what lies in them, or the tables of references."""
    manifest = _table(facts.folder, facts.folder / MANIFEST)
    if facts.withheld:
        tables = sorted((facts.folder / references.FOLDER).glob("*/*.parquet"))
        return [manifest, *(_table(facts.folder, path) for path in tables)]
    files = [
        _file(shard.shard, shard.bytes, shard.sha256, "application/x-tar")
        for shard in facts.dataset.shards
    ]
    return [manifest, *files, *_file_sets(facts)]


def file_set(config: str, member: Member) -> str:
    """The identifier of the set of a config's files of one kind."""
    return f"{config}/{member.extension}"


def _table(folder: Path, path: Path) -> dict[str, Any]:
    name = path.relative_to(folder).as_posix()
    return _file(name, path.stat().st_size, file_sha256(path), "application/x-parquet")


def _file(name: str, size: int, sha256: str, media_type: str) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "contentUrl": name,
        "contentSize": f"{size} B",
        "encodingFormat": media_type,
        "sha256": sha256,
    }


def _file_sets(facts: Facts) -> list[dict[str, Any]]:
    sets = []
    for config, group in groupby(facts.dataset.shards, key=lambda shard: shard.config):
        tars = [{"@id": shard.shard} for shard in group]
        for member in members(facts.kind):
            name = file_set(config, member)
            sets.append({
                "@type": "cr:FileSet", "@id": name, "name": name, "containedIn": tars,
                "encodingFormat": member.media_type, "includes": f"*.{member.extension}",
            })  # fmt: skip
    return sets
