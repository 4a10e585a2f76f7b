"""The records of a dataset: one a sample in the manifest, and one a member of it in each config.

A record of a config holds one member, since readers of Croissant join two sources and no more:
the files give the key and the content, the manifest gives the split.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from benchwright import record_schema
from benchwright.cards.croissant.distribution import Member, file_set, members
from benchwright.cards.facts import Facts
from benchwright.dataset import MANIFEST
from benchwright.sample_kinds import SampleKind

SAMPLES = "manifest"
"""Record set of the manifest; a config's have a dash, which no config's name has."""

KEY_OF_FILE = "^([0-9a-f]{16})"
"""The key in a file's name; also matches the key alone, to which readers apply it once more."""


def record_sets(facts: Facts) -> list[dict[str, Any]]:
    """The manifest's record set, then one a config and member: images, labels, records."""
    manifest = _record_set(SAMPLES, "One row a sample: where it lies, its labels.", [
        _column(column, facts.kind) for column in record_schema.MANIFEST
    ])  # fmt: skip
    if facts.withheld:
        return [manifest]
    configs = dict.fromkeys(config for config, _ in facts.dataset.splits())
    return [
        manifest,
        *(_of_member(config, member) for config in configs for member in members(facts.kind)),
    ]


def _of_member(config: str, member: Member) -> dict[str, Any]:
    name, files = f"{config}-{member.name}", {"@id": file_set(config, member)}
    in_name = {"fileProperty": "filename"}
    key = {
        **_field(f"{name}/key", "sc:Text", "The sample's key."),
        "source": {"fileSet": files, "extract": in_name, "transform": {"regex": KEY_OF_FILE}},
        "references": {"field": {"@id": f"{SAMPLES}/key"}},
    }
    split = {
        **_field(f"{name}/split", "sc:Text", "The split that the sample belongs to."),
        "source": {"field": {"@id": f"{SAMPLES}/split"}},
    }
    content = {
        **_field(f"{name}/{member.name}", member.data_type, member.description),
        "source": {"fileSet": files, "extract": {"fileProperty": "content"}},
    }
    return _record_set(name, f"{member.description} Config {config}.", [key, split, content])


def _record_set(name: str, description: str, fields: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": description,
        "key": {"@id": f"{name}/key"},
        "field": fields,
    }


def _field(name: str, data_type: str, description: str) -> dict[str, Any]:
    return {
        "@type": "cr:Field",
        "@id": name,
        "name": name.rpartition("/")[2],
        "description": description,
        "dataType": data_type,
    }


def _column(column: pa.Field, kind: SampleKind) -> dict[str, Any]:
    """A column of the manifest as a field."""
    listed = pa.types.is_list(column.type)
    text = pa.types.is_string(column.type.value_type if listed else column.type)
    return {
        **_field(
            f"{SAMPLES}/{column.name}",
            "sc:Text" if text else "cr:Int64",
            (COLUMNS | OF_FOUND if kind.collected else COLUMNS)[column.name],
        ),
        **({"isArray": True, "arrayShape": "-1"} if listed else {}),
        "source": {"fileObject": {"@id": MANIFEST}, "extract": {"column": column.name}},
    }


COLUMNS = {
    "key": "First 16 hex digits of the sha256 of the scene as data.",
    "config": "The config that the sample belongs to.",
    "split": "The split that the sample belongs to.",
    "shard": "Path of the tar that the sample lies in.",
    "offset": "Byte at which the sample's members begin in the tar.",
    "bytes": "Length of the sample's members in the tar, headers included.",
    "sha256": "Digest of those bytes.",
    "plan": "Digest of the plan that the sample was drawn by.",
    "objects": "Names of the objects, in mention order.",
    "twin_of": "Key of the sample that this one differs from in one factor; empty if none.",
    "factor": "That factor; empty if none.",
}
"""What each column of the manifest says."""

OF_FOUND = {
    "key": "First 16 hex digits of the sha256 of the image as stored.",
    "plan": "Digest of the image and its record.",
    "objects": "Name of the class, or of the objects in mention order.",
    "twin_of": "Empty: found images have no twins.",
    "factor": "Empty.",
}
"""Where found images differ."""
