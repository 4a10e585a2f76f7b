"""The schema of a scene record: one declaration for shards, Parquet and `datasets` features."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from math import isfinite
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
    if fault := _checker(dtype)(value):
        place, what = fault
        raise RecordError(f"{where}{place}: {what}")


Fault = tuple[str, str]
"""Where below a value something is wrong (``.objects[2].x``; empty: itself), and what."""

Checker = Callable[[Any], Fault | None]


@cache
def _checker(dtype: pa.DataType) -> Checker:
    """What looks at values of a type: made once, since records are many and types few."""
    if pa.types.is_struct(dtype):
        return partial(_struct_fault, {field.name: _checker(field.type) for field in dtype})
    if pa.types.is_list(dtype):
        return partial(_list_fault, _checker(dtype.value_type))
    if pa.types.is_string(dtype):
        return _text_fault
    if pa.types.is_floating(dtype):
        return _float_fault
    return _bool_fault if pa.types.is_boolean(dtype) else partial(_int_fault, str(dtype))


def _struct_fault(declared: dict[str, Checker], value: Any) -> Fault | None:
    if not isinstance(value, dict):
        return _other_kind("an object", value)
    if value.keys() != declared.keys():
        name = min(value.keys() ^ declared.keys())
        shown = name.encode("unicode_escape").decode()[:80]  # whatever is in it, one line
        return "", f'key "{shown}" is {"missing" if name in declared else "not declared"}'
    for name, checker in declared.items():
        if fault := checker(value[name]):
            return f".{name}{fault[0]}", fault[1]
    return None


def _list_fault(checker: Checker, value: Any) -> Fault | None:
    if not isinstance(value, (list, tuple)):
        return _other_kind("a list", value)
    for index, item in enumerate(value):
        if fault := checker(item):
            return f"[{index}]{fault[0]}", fault[1]
    return None


def _text_fault(value: Any) -> Fault | None:
    if type(value) is not str:
        return _other_kind("str", value)
    if not value.isascii() and not _encodes(value):
        return "", "its text is not valid Unicode"
    return None


def _float_fault(value: Any) -> Fault | None:
    if type(value) is not float:
        return _other_kind("float", value)
    return None if isfinite(value) else ("", f"{value} is not a finite number")


def _int_fault(dtype: str, value: Any) -> Fault | None:
    if type(value) is not int:
        return _other_kind("int", value)
    return None if -(2**31) <= value < 2**31 else ("", f"{value} does not fit {dtype}")


def _bool_fault(value: Any) -> Fault | None:
    return None if type(value) is bool else _other_kind("bool", value)


def _other_kind(expected: str, value: Any) -> Fault:
    return "", f"expected {expected}, found {type(value).__name__}"


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
