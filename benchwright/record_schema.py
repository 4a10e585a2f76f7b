"""The schema of a scene record: one declaration for shards, Parquet and `datasets` features."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import pyarrow as pa

from benchwright.errors import RecordError

VERSION = 2
"""Raised when a field is added, removed or changes meaning: datasets are then rebuilt."""

OBJECT = pa.struct(
    [
        ("name", pa.string()),
        ("asset", pa.string()),
        ("slot", pa.int32()),
        ("x", pa.float64()),
        ("y", pa.float64()),
        ("yaw", pa.int32()),
        ("tilt", pa.int32()),
        ("pose", pa.string()),
        ("scale", pa.float64()),
        ("size", pa.string()),
        ("colour", pa.string()),
        ("material", pa.string()),
        ("depth", pa.float64()),
        ("box", pa.list_(pa.int32())),
        ("visible_area", pa.int32()),
        ("full_area", pa.int32()),
        ("occluded", pa.float64()),
    ]
)
CAPTION = pa.struct(
    [("text", pa.string()), ("order", pa.list_(pa.int32())), ("template", pa.string())]
)
SCENE = pa.struct(
    [
        ("key", pa.string()),
        ("width", pa.int32()),
        ("height", pa.int32()),
        ("background", pa.string()),
        ("camera", pa.string()),
        ("lighting", pa.string()),
        ("twin_of", pa.string()),
        ("factor", pa.string()),
        ("objects", pa.list_(OBJECT)),
        ("captions", pa.list_(CAPTION)),
    ]
)

MANIFEST = pa.schema(
    [
        ("key", pa.string()),
        ("config", pa.string()),
        ("split", pa.string()),
        ("shard", pa.string()),
        ("offset", pa.int64()),
        ("bytes", pa.int64()),
        ("sha256", pa.string()),
        ("plan", pa.string()),
        ("objects", pa.list_(pa.string())),
        ("twin_of", pa.string()),
        ("factor", pa.string()),
    ]
)
"""One row a sample: where its members lie in the shard, their digest, and its labels."""

SHARDS = pa.schema(
    [
        ("shard", pa.string()),
        ("config", pa.string()),
        ("split", pa.string()),
        ("samples", pa.int32()),
        ("bytes", pa.int64()),
        ("sha256", pa.string()),
        ("plan", pa.string()),
    ]
)
"""One row a shard, in the order of config, split and number."""


def check(value: Any, dtype: pa.DataType = SCENE, where: str = "record") -> None:
    """Refuse a value that a reader with the declared features would not get back unchanged.

    Stricter than Arrow's own conversion: no missing or further keys, no integer for a float, no
    bool for an integer, no null.

    Raises:
        RecordError: names the first place that does not fit.
    """
    kind = _kind(dtype)
    if kind is dict:
        _check_struct(value, dtype, where)
    elif kind is list:
        if not isinstance(value, (list, tuple)):
            raise RecordError(f"{where}: expected a list, found {type(value).__name__}")
        for index, item in enumerate(value):
            check(item, dtype.value_type, f"{where}[{index}]")
    else:
        _check_scalar(value, dtype, where)


def _check_struct(value: Any, dtype: pa.StructType, where: str) -> None:
    if not isinstance(value, dict):
        raise RecordError(f"{where}: expected an object, found {type(value).__name__}")
    declared = _fields(dtype)
    if odd := value.keys() ^ declared.keys():
        name = min(odd).encode("unicode_escape").decode()[:80]  # whatever is in it, one line
        raise RecordError(
            f'{where}: key "{name}" is {"missing" if name in declared else "not declared"}'
        )
    for name, inner in declared.items():
        check(value[name], inner, f"{where}.{name}")


@cache
def _fields(dtype: pa.StructType) -> dict[str, pa.DataType]:
    return {field.name: field.type for field in dtype}


@cache
def _kind(dtype: pa.DataType) -> type:
    """What a value must be: dict, list, or a scalar's exact type."""
    if pa.types.is_struct(dtype):
        return dict
    if pa.types.is_list(dtype):
        return list
    if pa.types.is_boolean(dtype):
        return bool
    return str if pa.types.is_string(dtype) else float if pa.types.is_floating(dtype) else int


def _check_scalar(value: Any, dtype: pa.DataType, where: str) -> None:
    kind = _kind(dtype)
    if type(value) is not kind:
        raise RecordError(f"{where}: expected {kind.__name__}, found {type(value).__name__}")
    if isinstance(value, int) and not -(2**31) <= value < 2**31:
        raise RecordError(f"{where}: {value} does not fit {dtype}")
    if isinstance(value, str) and not value.isascii() and not _encodes(value):
        raise RecordError(f"{where}: its text is not valid Unicode")
    if isinstance(value, float) and not abs(value) < float("inf"):
        raise RecordError(f"{where}: {value} is not a finite number")


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def features(
    record: pa.StructType = SCENE,
    pictures: Sequence[str] = ("jpg", "mask.png"),
    classes: Sequence[str] | None = None,
) -> list[dict[str, Any]]:
    """The features of a sample as the dataset card's front matter declares them.

    Args:
        record: schema of its ``json`` member.
        pictures: extensions of its members that are images.
        classes: names of the numbers in its ``cls`` member; None where it has no such member.
    """
    names = {str(number): name for number, name in enumerate(classes or ())}
    label = {"name": "cls", "dtype": {"class_label": {"names": names}}}
    return [
        *({"name": extension, "dtype": "image"} for extension in pictures),
        *([label] if classes is not None else []),
        {"name": "json", **feature(record)},
        {"name": "__key__", "dtype": "string"},
        {"name": "__url__", "dtype": "string"},
    ]


def feature(dtype: pa.DataType) -> dict[str, Any]:
    """A type as the front matter declares it, beside its name."""
    if pa.types.is_struct(dtype):
        return {"struct": [{"name": field.name, **feature(field.type)} for field in dtype]}
    if pa.types.is_list(dtype):
        inner = feature(dtype.value_type)
        return {"list": inner.get("struct", inner.get("dtype"))}
    return {"dtype": "float64" if pa.types.is_floating(dtype) else str(dtype)}
