"""A scene sample against itself: schema, key, picture, mask, and the masks recomposed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from benchwright import record_schema
from benchwright.builders.camera import depth
from benchwright.builders.captions import caption
from benchwright.builders.layers import extent
from benchwright.builders.rendering import composer
from benchwright.dataset import Row
from benchwright.errors import BenchwrightError
from benchwright.images import decode, decode_mask
from benchwright.recipe import Objects
from benchwright.record import ObjectRecord, SceneRecord

MEMBERS = ("jpg", "json", "mask.png")


def sample_problems(objects: Objects | None, row: Row, members: dict[str, bytes]) -> Iterator[str]:
    """What is wrong with one sample, a line each.

    Args:
        objects: where the sprites to recompose full masks come from; None leaves those out.
        row: the sample's row in the manifest.
        members: member name to content.
    """
    names = [f"{row.key}.{extension}" for extension in MEMBERS]
    if list(members) != names:
        yield f"members are {', '.join(members)}; expected {', '.join(names)}"
        return
    picture, text, mask = (members[name] for name in names)
    try:
        fields = json.loads(text)
        record_schema.check(fields)
        record = SceneRecord.from_dict(fields)
    except (ValueError, RecursionError, BenchwrightError) as error:
        yield f"json: {error}"
        return
    if record.key != row.key or record.scene().key != record.key:
        yield "json: its key is not the digest of the scene it describes"
        objects = None  # a scene nobody drew: it may be of any size
    yield from _label_problems(row, record)
    yield from _caption_problems(record)
    yield from _picture_problems(record, picture)
    yield from _mask_problems(objects, record, mask)


def _label_problems(row: Row, record: SceneRecord) -> Iterator[str]:
    if (tuple(o.name for o in record.objects), record.twin_of, record.factor) != (
        row.objects, row.twin_of, row.factor,
    ):  # fmt: skip
        yield "json: objects or twin differ from the manifest's"
    for index, placed in enumerate(record.objects):
        if placed.depth != (actual := depth(placed.y, record.camera)):
            yield f"json: objects[{index}].depth is {placed.depth}, its place is at {actual}"


def _caption_problems(record: SceneRecord) -> Iterator[str]:
    names = [placed.name for placed in record.objects]
    if not record.captions:
        yield "json: there is no caption"
    for number, stored in enumerate(record.captions):
        try:
            text = caption(names, stored.template, stored.order).text
        except BenchwrightError as error:
            yield f"json: captions[{number}]: {error}"
            continue
        if stored.text != text:
            yield f'json: captions[{number}] is "{stored.text}", its order gives "{text}"'


def _decoded(
    reader: Callable[[bytes], NDArray[np.uint8]], content: bytes, shape: tuple[int, ...]
) -> NDArray[np.uint8] | str:
    """The picture, or what is wrong with it."""
    try:
        pixels = reader(content)
    except BenchwrightError as error:
        return str(error)
    if pixels.shape != shape:
        return f"shape {pixels.shape}, the record says {shape}"
    return pixels


def _picture_problems(record: SceneRecord, content: bytes) -> Iterator[str]:
    pixels = _decoded(decode, content, (record.height, record.width, 3))
    if isinstance(pixels, str):
        yield f"jpg: {pixels}"


def _mask_problems(objects: Objects | None, record: SceneRecord, content: bytes) -> Iterator[str]:
    mask = _decoded(decode_mask, content, (record.height, record.width))
    if isinstance(mask, str):
        yield f"mask.png: {mask}"
        return
    if int(mask.max()) > len(record.objects):
        yield f"mask.png: value {mask.max()} but {len(record.objects)} objects"
    try:
        full = composer(objects).full_areas(record.scene()) if objects else None
    except BenchwrightError as error:
        yield f"json: no such scene can be drawn: {error}"
        return
    for index, placed in enumerate(record.objects):
        where = f"objects[{index}] {placed.name}"
        area = full[index] if full is not None else None
        yield from (
            f"{where}: {what}" for what in _object_problems(placed, mask == index + 1, area)
        )


def _object_problems(
    placed: ObjectRecord, visible: NDArray[np.bool_], full_area: int | None
) -> Iterator[str]:
    box, area = extent(visible)
    if area != placed.visible_area:
        yield f"visible_area is {placed.visible_area}, the mask has {area} pixels"
    if box != placed.box:
        yield f"box is {list(placed.box)}, the mask's is {list(box)}"
    if full_area is not None and full_area != placed.full_area:
        yield f"full_area is {placed.full_area}, recomposed it is {full_area}"
    hidden = 1 - placed.visible_area / placed.full_area if placed.full_area else 0.0
    if abs(hidden - placed.occluded) > 1e-6:
        yield f"occluded is {placed.occluded}, its areas give {hidden:.6f}"
