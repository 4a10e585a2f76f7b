"""From records to shard plans: which samples lie in which shard, made for growth.

A shard holds one class; within it samples are sorted by key and cut into ranges. A shard's number
begins with that of its class, so a class that is appended, or grows, renames no other's shards.
"""

from __future__ import annotations

import pickle
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256

from benchwright import record_schema
from benchwright.errors import DatasetError
from benchwright.imported_record import ImportedRecord
from benchwright.mined_record import MinedRecord
from benchwright.record import canonical_json
from benchwright.sample_kinds import SampleKind

SHARDS_A_CLASS = 100
"""Numbers that a class has in a split: with 500 samples a shard, 50,000 of them."""

WRITING = 1
"""Version of what turns a record into members; raise it with any change of their bytes."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A sample before it is written.

    Attributes:
        config, split: where it belongs.
        block: number of its class, or of what else its shard is to hold alone.
        key: its name.
        objects: its labels, as the manifest lists them.
        texts: extension to content of its members, but for the image.
        at: where its image is, as the reader that is given to the writer takes it.
    """

    config: str
    split: str
    block: int
    key: str
    objects: tuple[str, ...]
    texts: tuple[tuple[str, bytes], ...]
    at: str

    @property
    def plan(self) -> str:
        """Identity of the sample's bytes, 32 hex digits: its key is the digest of its image."""
        identity = sha256(f"{WRITING} {self.key} ".encode())
        for extension, content in self.texts:
            identity.update(f"{extension} {len(content)} ".encode() + content)
        return identity.hexdigest()[:32]


def planned(
    kind: SampleKind, config: str, split: str, record: MinedRecord | ImportedRecord, at: str
) -> Planned:
    """A sample of a record.

    Raises:
        RecordError: it does not fit the declared schema.
        DatasetError: its label is not that of the set's classes.
    """
    fields = record.to_dict()
    record_schema.check(fields, kind.record, f"image {record.key}")
    text = ("json", canonical_json(fields))
    if isinstance(record, ImportedRecord):
        names = tuple(named.name for named in record.objects)
        return Planned(config, split, 0, record.key, names, (text,), at)
    if kind.classes[record.label : record.label + 1] != (record.cls,):
        raise DatasetError(f'{at}: label {record.label} is not the number of class "{record.cls}"')
    label = ("cls", str(record.label).encode())
    return Planned(config, split, record.label, record.key, (record.cls,), (label, text), at)


@dataclass(frozen=True, slots=True)
class ShardPlan:
    """A shard before it exists.

    Attributes:
        config, split, number: its place.
        samples: how many it will hold.
        digest: identity of its content: two plans with one digest give the same bytes.
        packed: its samples, compressed: a fifth of what they take as they are.
    """

    config: str
    split: str
    number: int
    samples: int
    digest: str
    packed: bytes

    @property
    def path(self) -> str:
        """``counteranimal/common-00300.tar``: the first shard of class 3."""
        return f"{self.config}/{self.split}-{self.number:05d}.tar"

    def planned(self) -> list[Planned]:
        """Its samples in order."""
        samples: list[Planned] = pickle.loads(zlib.decompress(self.packed))
        return samples


def plan_shards(samples: Iterable[Planned], most: int, picture: str) -> list[ShardPlan]:
    """The shards of some samples, in the order of the tables.

    Args:
        samples: in any order.
        most: samples a shard.
        picture: extension of the images.

    Raises:
        DatasetError: one image is there twice, or a class needs too many shards.
    """
    places: defaultdict[tuple[str, str, int], list[Planned]] = defaultdict(list)
    seen: dict[str, str] = {}
    for sample in samples:
        if sample.key in seen:
            raise DatasetError(
                f"{seen[sample.key]} and {sample.at} are one image; leave one of them out"
            )
        seen[sample.key] = sample.at
        places[sample.config, sample.split, sample.block].append(sample)
    return [plan for place in sorted(places) for plan in _cut(places[place], most, picture)]


def _cut(samples: list[Planned], most: int, picture: str) -> Iterator[ShardPlan]:
    samples.sort(key=lambda sample: sample.key)
    parts = -(-len(samples) // most)
    if parts > SHARDS_A_CLASS:
        raise DatasetError(
            f"{len(samples):,} samples of {samples[0].objects[0]} make {parts} shards, at most "
            f"{SHARDS_A_CLASS}: raise shard_size"
        )
    for part in range(parts):
        here = samples[part * len(samples) // parts : (part + 1) * len(samples) // parts]
        number = here[0].block * SHARDS_A_CLASS + part
        yield _packed(here, number, picture)


def _packed(samples: list[Planned], number: int, picture: str) -> ShardPlan:
    first = samples[0]
    identity = sha256(f"{first.config}/{first.split}/{number} {picture}".encode())
    for sample in samples:
        identity.update(sample.plan.encode())
    packed = zlib.compress(pickle.dumps(samples), 1)
    return ShardPlan(
        first.config, first.split, number, len(samples), identity.hexdigest()[:32], packed
    )
