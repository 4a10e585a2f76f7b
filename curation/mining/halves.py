"""Discovery and confirmation halves: split by cluster, so that neither has seen the other.

The half of a cluster (a photographer, an observation, a set of near duplicates) is a pure function
of the seed and the cluster's name. It is not evened out over what else is in the set: then adding
images would move clusters, and one that moves to confirmation has already been seen by discovery.
Groups come out even as clusters allow (each cluster is a fair coin), and ``balance`` says how even.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from benchwright import seeding
from benchwright.curation.mining.groups import Group

PURPOSE = "half"
"""What the draw is for, as ``seeding`` keeps draws apart."""


class Half(StrEnum):
    """What a row is used for: finding a class's pair of backgrounds, or testing the pair."""

    DISCOVERY = "discovery"
    CONFIRMATION = "confirmation"


def half_of(seed: int, cluster: str, discovery: float = 0.5) -> Half:
    """The half of one cluster.

    Args:
        seed: of the recipe; 0 is a seed.
        cluster: its name; of an image without one, the image's key.
        discovery: share of clusters that are to go to discovery, in (0, 1).
    """
    first = seeding.digest(seed, PURPOSE, cluster) < _threshold(discovery)
    return Half.DISCOVERY if first else Half.CONFIRMATION


def half_sql(seed: int, cluster: str = "cluster", key: str = "key", discovery: float = 0.5) -> str:
    """``half_of`` as a DuckDB expression: the same halves on every machine, row by row.

    Args:
        seed: of the recipe.
        cluster: expression of the cluster's name; where it is "", the key stands for it.
        key: expression of the image's key.
        discovery: share of clusters that are to go to discovery, in (0, 1).
    """
    # sha256 and not DuckDB's own hash, which may change with its version. The first 16 hex digits
    # are seeding.digest; hex of one length compares as the number does.
    named = f"'{seed}\x1f{PURPOSE}\x1f' || CASE WHEN {cluster} = '' THEN {key} ELSE {cluster} END"
    drawn = f"substr(sha256({named}), 1, 16) < '{_threshold(discovery):016x}'"
    return f"CASE WHEN {drawn} THEN '{Half.DISCOVERY}' ELSE '{Half.CONFIRMATION}' END"


def _threshold(discovery: float) -> int:
    if not 0 < discovery < 1:
        raise ValueError("the share of discovery lies between 0 and 1")
    return int(discovery * 2.0**64)


@dataclass(frozen=True, slots=True)
class Balance:
    """How a class x background fell into halves.

    Attributes:
        cls: the class.
        background: the background.
        discovery: images in the discovery half.
        confirmation: images in the confirmation half.
        clusters: in both halves together.
    """

    cls: str
    background: str
    discovery: int
    confirmation: int
    clusters: int

    @property
    def share(self) -> float:
        """Of the images, those in the discovery half."""
        return self.discovery / (self.discovery + self.confirmation)


def balance(groups: Iterable[Group]) -> list[Balance]:
    """Class x background by half, in order of names."""
    counts: defaultdict[tuple[str, str], dict[str, Group]] = defaultdict(dict)
    for group in groups:
        counts[group.cls, group.background][group.half] = group
    found = []
    for (cls, background), halves in sorted(counts.items()):
        n = {half: halves[half].n if half in halves else 0 for half in Half}
        clusters = sum(group.clusters for group in halves.values())
        found.append(Balance(cls, background, n[Half.DISCOVERY], n[Half.CONFIRMATION], clusters))
    return found
