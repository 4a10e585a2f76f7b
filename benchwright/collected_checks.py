"""Sets of found images against themselves: the folder's counts, and each sample's image and record.

A found image has no scene to be drawn again from: what can be checked is that the image is whole,
is the one its key says, and that every label agrees with every other place that states it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from benchwright import dataset as files
from benchwright import group_table, images, record_schema, rejects, sensitivity
from benchwright.dataset import Dataset, Row
from benchwright.errors import BenchwrightError, DatasetError
from benchwright.mined_findings import ALL, Findings
from benchwright.mined_record import CLASS_SOURCES, GROUPS, HALVES, UNGROUPED
from benchwright.rejection import Reason
from benchwright.sample_kinds import MINED, SampleKind

Fault = tuple[str, str]

SAME = 1e-6
"""Shares that differ by less are one number, come to by two ways of reckoning."""


def folder_problems(dataset: Dataset, kind: SampleKind) -> Iterator[Fault]:
    """(where, what) of every fault in what such a folder has beside its shards."""
    yield from _count_problems(dataset)
    for name, read in ((files.GROUPS, group_table.read), (files.SENSITIVITY, sensitivity.read)):
        if (dataset.folder / name).is_file():
            try:
                read(dataset.folder)
            except DatasetError as error:
                yield name, str(error)
    if kind.name == MINED.name and (dataset.folder / files.GROUPS).is_file():
        yield from _group_problems(dataset, kind)
    if kind.name == MINED.name:
        yield from _finding_problems(dataset, kind)


def _count_problems(dataset: Dataset) -> Iterator[Fault]:
    """What was looked at is either in the set or among the rejects."""
    try:
        table = rejects.read(dataset.folder)
    except DatasetError as error:
        yield files.REJECTS, str(error)
        return
    known = {reason.value for reason in Reason}
    for reason in sorted(set(table["reason"].to_pylist()) - known):
        yield files.REJECTS, f'"{reason[:60]}" is no reason that this version knows'
    facts = files.read_json(dataset.folder / files.BUILD)
    looked_at = facts.get("looked_at") if isinstance(facts, dict) else None
    kept = sum(shard.samples for shard in (*dataset.shards, *dataset.absent))
    if looked_at != kept + table.num_rows:
        counts = f"{kept:,} samples and {table.num_rows:,} rejects"
        said = f"the {looked_at} that {files.BUILD} says were looked at"
        yield files.REJECTS, f"{counts} do not make {said}"


def _group_problems(dataset: Dataset, kind: SampleKind) -> Iterator[Fault]:
    try:
        rows = group_table.read(dataset.folder)
    except DatasetError:
        return  # named already
    for name in sorted({row.cls for row in rows} - set(kind.classes)):
        yield files.GROUPS, f'"{name[:60]}" is no class of the set'


def _finding_problems(dataset: Dataset, kind: SampleKind) -> Iterator[Fault]:
    """What was found out beside the groups is of the set's classes, and agrees with the groups."""
    build = files.read_json(dataset.folder / files.BUILD)
    try:
        found = Findings.of(build if isinstance(build, dict) else {})
    except DatasetError as error:
        yield files.BUILD, str(error)
        return
    cells = found.judge.cells if found.judge else ()
    named = {*found.without_pair, *found.stability, *found.matched, *(cell.cls for cell in cells)}
    for name in sorted(named - {*kind.classes, ALL}):
        yield files.BUILD, f'made: "{name[:60]}" is no class of the set'
    try:
        drops = {row.cls: row.drop_confirmation for row in group_table.read(dataset.folder)}
    except DatasetError:
        drops = {}  # named already, or there is no table
    for name in sorted(found.without_pair.keys() & drops.keys()):
        yield files.BUILD, f"made.without_pair: {name} has no pair, and a row in {files.GROUPS}"
    for name, drop in drops.items():
        said = [answer.drop for answer in found.stability.get(name, {}).values()]
        if said and not any(_same(drop, other) for other in said):
            yield files.BUILD, f"made.stability: {name}: no drop is the one in {files.GROUPS}"
        if name in found.matched and not _same(drop, found.matched[name].raw):
            yield files.BUILD, f"made.matched: {name}: its drop is not the one in {files.GROUPS}"


def _same(one: float, other: float) -> bool:
    """Whether two drops are one, but for the last digits of a float."""
    return abs(one - other) < SAME


def sample_problems(kind: SampleKind, row: Row, members: dict[str, bytes]) -> Iterator[str]:
    """What is wrong with one sample, a line each.

    Args:
        kind: of the set.
        row: the sample's row in the manifest.
        members: member name to content.
    """
    names = [f"{row.key}.{extension}" for extension in kind.members]
    if list(members) != names:
        yield f"members are {', '.join(members)}; expected {', '.join(names)}"
        return
    try:
        record: dict[str, Any] = json.loads(members[f"{row.key}.json"])
        record_schema.check(record, kind.record)
    except (ValueError, RecursionError, BenchwrightError) as error:
        yield f"json: {error}"
        return
    if record["key"] != row.key:
        yield f"json: its key is {record['key']}, its name {row.key}"
    yield from _picture_problems(kind, row, record, members[f"{row.key}.{kind.picture}"])
    if kind.name == MINED.name:
        yield from _label_problems(kind, row, record, members[f"{row.key}.cls"])
    elif tuple(named["name"] for named in record["objects"]) != row.objects:
        yield "json: objects differ from the manifest's"


def _picture_problems(
    kind: SampleKind, row: Row, record: dict[str, Any], content: bytes
) -> Iterator[str]:
    if sha256(content).hexdigest()[:16] != row.key:
        yield f"{kind.picture}: its key is not the digest of the image"
    try:
        high, wide, _ = images.decode(content).shape
    except DatasetError as error:
        yield f"{kind.picture}: {error}"
        return
    if (wide, high) != (record["width"], record["height"]):
        said = f"{record['width']} x {record['height']}"
        yield f"{kind.picture}: {wide} x {high}, the record says {said}"


def _label_problems(
    kind: SampleKind, row: Row, record: dict[str, Any], number: bytes
) -> Iterator[str]:
    label, name = record["label"], record["class"]
    if number != str(label).encode():
        yield f"cls: {number[:20]!r}, the record says {label}"
    if not 0 <= label < len(kind.classes) or kind.classes[label] != name:
        yield f'json: label {label} is not the number of class "{name}"'
    if row.objects != (name,):
        yield f'json: class "{name}" is not the manifest\'s'
    if (record["group"] or UNGROUPED) != row.split:
        yield f'json: group "{record["group"]}" lies in split {row.split}'
    words = {"group": GROUPS, "half": HALVES, "class_source": CLASS_SOURCES}
    for field, known in words.items():
        if record[field] not in known:
            listed = ", ".join(filter(None, known))
            yield f'json: {field} is "{record[field][:40]}", none of {listed}'
