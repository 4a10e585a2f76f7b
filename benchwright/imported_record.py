"""The record of a picture of several named objects that was made elsewhere.

What SIMCO's and ComCO's own files tell: which objects, in which slot. Objects and captions have the
names that a scene's record (``benchwright.record``) gives them, so what reads those alone reads
both; what nobody measured (boxes, masks, areas) has no field here.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from benchwright.mined_record import SOURCE, Source
from benchwright.record import Caption
from benchwright.record_schema import CAPTION

VERSION = 1
"""Raised when a field is added, removed or changes meaning: datasets are then written anew."""


@dataclass(frozen=True, slots=True)
class NamedObject:
    """An object that a picture is said to show.

    Attributes:
        name: the word captions use.
        slot: index of its place in the layout: its position in the file's name.
        size: ``large``, ``small`` or ``same``, from the layout; "" where the folder does not say.
    """

    name: str
    slot: int
    size: str


@dataclass(frozen=True, slots=True)
class ImportedRecord:
    """The JSON member of an imported picture.

    Attributes:
        key: first 16 hex digits of the sha256 of the image as stored.
        width, height: pixels of the image as stored.
        sha256: of the image as it was found; another one was stored if it had to be converted.
        source, creator, licence: where it is from, by whom, on what terms (as the Hub names them).
        subset: folder it lay in, relative to the imported one.
        objects: in mention order.
        captions: as in a scene's record.
    """

    key: str
    width: int
    height: int
    sha256: str
    source: Source
    creator: str
    licence: str
    subset: str
    objects: tuple[NamedObject, ...]
    captions: tuple[Caption, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, in declared field order."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> ImportedRecord:
        """The record that ``to_dict`` (or its JSON) came from."""
        parts = {
            "source": Source(**fields["source"]),
            "objects": tuple(NamedObject(**named) for named in fields["objects"]),
            "captions": tuple(
                Caption(**{**said, "order": tuple(said["order"])}) for said in fields["captions"]
            ),
        }
        return cls(**{**fields, **parts})


OBJECT = pa.struct([("name", pa.string()), ("slot", pa.int32()), ("size", pa.string())])
IMPORTED = pa.struct(
    [
        ("key", pa.string()),
        ("width", pa.int32()),
        ("height", pa.int32()),
        ("sha256", pa.string()),
        ("source", SOURCE),
        ("creator", pa.string()),
        ("licence", pa.string()),
        ("subset", pa.string()),
        ("objects", pa.list_(OBJECT)),
        ("captions", pa.list_(CAPTION)),
    ]
)
"""The schema of ``ImportedRecord``: the one declaration for shards, Parquet and `datasets`."""
