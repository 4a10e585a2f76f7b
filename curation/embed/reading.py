"""What reader processes do: look a shard through, then turn its samples into crops and facts.

Imports no torch: a reader starts in half a second and stays small.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchwright import worker_process
from benchwright.curation.embed import perceptual
from benchwright.curation.embed.record_text import caption_and_url
from benchwright.curation.embed.slots import Slots
from benchwright.curation.embed.sources import Shard
from benchwright.curation.embed.tar_index import Entry, Index, Span, index_tar
from benchwright.curation.embeddings import METADATA
from benchwright.curation.models import decoding
from benchwright.curation.models.decoding import ImageRefused
from benchwright.curation.models.preprocess import Mode, Preprocess, crop
from benchwright.curation.scratch import copied
from benchwright.errors import DatasetError
from benchwright.rejection import Reason
from benchwright.shards import MAX_MEMBER, file_sha256

MAX_TEXT = 2**20
"""Bytes of a caption or a record: alt texts have hundreds, records of scenes some thousands."""

Reject = tuple[str, Reason, str]
"""Key, reason and detail of a sample that is not used."""


@dataclass(frozen=True, slots=True)
class Survey:
    """A shard looked through.

    Attributes:
        path: of a local copy, or of the shard itself.
        sha256: of its bytes, hex.
        index: its samples.
        seconds: that it took.
    """

    path: str
    sha256: str
    index: Index
    seconds: float


@dataclass(frozen=True, slots=True)
class Block:
    """Some neighbouring samples of a shard, read.

    Attributes:
        rows: metadata of the samples that are used, in the order of their crops.
        rejects: the others.
        read: seconds spent on the shard's file.
        decode: seconds spent on decoding, cropping and measuring.
    """

    rows: pa.RecordBatch
    rejects: tuple[Reject, ...]
    read: float
    decode: float


@dataclass(frozen=True, slots=True)
class Reader:
    """Turns samples into crops and rows.

    Attributes:
        slots: where the crops go.
        preprocesses: distinct ones; a crop is made for each.
        mode: ``exact`` decodes an image once for all of them; ``fast`` once for each, since how
            far a JPEG is reduced depends on what it is reduced for.
    """

    slots: Slots
    preprocesses: tuple[Preprocess, ...]
    mode: Mode

    def read(self, path: str, shard: str, entries: Sequence[Entry], slot: int) -> Block:
        """Read, crop and measure some samples of a shard.

        Args:
            path: of the local tar.
            shard: its name, for the rows.
            entries: at most as many as a slot holds.
            slot: number of a slot that nobody else uses now.

        Raises:
            DatasetError: the tar cannot be read.
        """
        began, reading = time.perf_counter(), 0.0
        crops = self.slots.crops(slot)
        rows: list[dict[str, Any]] = []
        rejects: list[Reject] = []
        try:
            with Path(path).open("rb") as file:
                for entry in entries:
                    start = time.perf_counter()
                    try:
                        image, text, record = _contents(file, entry)
                        reading += time.perf_counter() - start
                        row = self._seen(image, [views[len(rows)] for views in crops])
                    except ImageRefused as refusal:
                        rejects.append((entry.key, refusal.reason, refusal.detail))
                        continue
                    caption, url = caption_and_url(text, record)
                    said = {"caption": caption, "url": url, "json": record}
                    rows.append({"key": entry.key, "shard": shard, **said, **row})
        except OSError as error:
            raise DatasetError(f"{path}: cannot be read: {error.strerror or error}") from error
        table = pa.RecordBatch.from_pylist(rows, METADATA)
        return Block(table, tuple(rejects), reading, time.perf_counter() - began - reading)

    def _seen(self, data: bytes, into: list[NDArray[np.uint8]]) -> dict[str, Any]:
        """Crop an image into place, and say what there is to say of its pixels."""
        opened = decoding.open_image(data)
        width, height = opened.size
        for preprocess, place in zip(self.preprocesses, into, strict=True):
            shared = opened if self.mode == "exact" or preprocess == self.preprocesses[0] else data
            place[...] = crop(shared, preprocess, self.mode)
        grey = perceptual.grey(opened)
        return {
            "width": width,
            "height": height,
            "sha256": hashlib.sha256(data).hexdigest(),
            "phash": perceptual.phash(grey),
            "brightness": perceptual.brightness(grey),
            "saliency": perceptual.saliency(grey),
        }


def _contents(file: BinaryIO, entry: Entry) -> tuple[bytes, str | None, str]:
    """A sample's image, its text if it has one, and its JSON or an empty text.

    Raises:
        ImageRefused: it has no image, or a member is longer than it may be.
    """
    if entry.image is None:
        raise ImageRefused(Reason.NO_IMAGE, "no member that an image could be")
    image = _content(file, entry.image, MAX_MEMBER, "image")
    text = _content(file, entry.text, MAX_TEXT, "text") if entry.text else None
    record = _content(file, entry.record, MAX_TEXT, "json") if entry.record else b""
    return (
        image,
        None if text is None else text.decode("utf-8", "replace"),
        record.decode("utf-8", "replace"),
    )


def _content(file: BinaryIO, span: Span, most: int, what: str) -> bytes:
    if span.bytes > most:
        raise ImageRefused(Reason.TOO_LARGE, f"{what} of {span.bytes:,} bytes; at most {most:,}")
    file.seek(span.offset)
    return file.read(span.bytes)


def survey(shard: Shard, folder: str) -> Survey:
    """Fetch a shard if it is remote, hash it, and find its samples.

    Args:
        shard: to look through.
        folder: for local copies; the caller removes them.

    Raises:
        DatasetError: it cannot be read.
    """
    began = time.perf_counter()
    path = Path(shard.path)
    try:
        if shard.is_remote:
            path = copied(shard.path, Path(folder))
        digest = file_sha256(path)
        with path.open("rb") as file:
            index = index_tar(file)
    except OSError as error:
        raise DatasetError(f"{shard.path}: cannot be read: {error.strerror or error}") from error
    return Survey(str(path), digest, index, time.perf_counter() - began)


_OF_THIS_PROCESS: list[Reader] = []


def start(reader: Reader) -> None:
    """Make this process a reader: what a pool calls first in each of its processes."""
    worker_process.begin()
    _OF_THIS_PROCESS.append(reader)


def read_block(path: str, shard: str, entries: Sequence[Entry], slot: int) -> Block:
    """``Reader.read`` by the reader that this process is."""
    return _OF_THIS_PROCESS[-1].read(path, shard, entries, slot)
