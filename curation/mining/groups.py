"""Groups: how often a probe is right about each class on each background, half by half.

Two passes over scored rows of any number. Images of one cluster tend to be right or wrong together,
so a group counts as fewer images than it has: its *effective* n is n over the design effect, the
variance of the accuracy over clusters relative to that of independent images (Rao and Scott 1992).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from benchwright.statistics.intervals import LEVEL, wilson

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SCHEMA = pa.schema(
    [
        pa.field("cls", pa.string(), nullable=False),
        pa.field("background", pa.string(), nullable=False),
        pa.field("half", pa.string(), nullable=False),
        pa.field("n", pa.int64(), nullable=False),
        pa.field("correct", pa.int64(), nullable=False),
        pa.field("clusters", pa.int64(), nullable=False),
        pa.field("effective", pa.float64(), nullable=False),
        pa.field("accuracy", pa.float64(), nullable=False),
        pa.field("low", pa.float64(), nullable=False),
        pa.field("high", pa.float64(), nullable=False),
        pa.field("frequency", pa.float64(), nullable=False),
        pa.field("subject_scale", pa.float64(), nullable=False),
        pa.field("brightness", pa.float64(), nullable=False),
    ]
)
"""A group table as it is stored: one row a class x background x half."""

_GROUPS = """
SELECT hash(cls, background, half) AS id, cls, background, half, count(*), count_if(correct),
       avg(subject_scale) FILTER (NOT isnan(subject_scale)),
       avg(brightness) FILTER (NOT isnan(brightness))
FROM scored WHERE background <> '' GROUP BY cls, background, half ORDER BY cls, background, half
"""

# Clusters within groups, then what a design effect needs of them; an image without a cluster is one
# by itself. By hashes of 64 bits and not by name, which halves time and memory: of 100 million
# clusters two share a hash once in 4,000 runs, and would count as one.
_CLUSTERS = """
SELECT id, count(*), sum(n * n), sum(k * k), sum(n * k) FROM (
  SELECT hash(cls, background, half) AS id, count(*)::DOUBLE AS n, count_if(correct)::DOUBLE AS k,
         hash(CASE WHEN cluster = '' THEN key ELSE cluster END) AS cluster_id
  FROM scored WHERE background <> '' GROUP BY id, cluster_id)
GROUP BY id
"""


@dataclass(frozen=True, slots=True)
class Group:
    """A probe's answers on one class x background x half.

    Attributes:
        cls: the class.
        background: the background, as the judge labelled it.
        half: "discovery" or "confirmation"; "" of both together.
        n: images.
        correct: images of which the probe named the class, 1 against all.
        clusters: clusters that the images come from.
        effective: images that as many independent ones would weigh the same, at most n.
        frequency: n over the labelled images of the class in this half.
        subject_scale: mean share of the image that the subject fills; NaN where not known.
        brightness: mean luma, 0 to 1; NaN where not known.
    """

    cls: str
    background: str
    half: str
    n: int
    correct: int
    clusters: int
    effective: float
    frequency: float
    subject_scale: float
    brightness: float

    @property
    def accuracy(self) -> float:
        """Share of the images that the probe got right."""
        return self.correct / self.n

    def interval(self, level: float = LEVEL) -> tuple[float, float]:
        """Wilson's interval of the accuracy, at the effective n."""
        low, high = wilson(self.accuracy * self.effective, self.effective, level)
        return float(low), float(high)


@dataclass(frozen=True, slots=True)
class GroupTable:
    """All groups of a set of scored rows.

    Attributes:
        groups: in order of class, background and half.
        abstained: class to images whose background nobody could tell; they are in no group.
    """

    groups: tuple[Group, ...]
    abstained: Mapping[str, int]

    def __iter__(self) -> Iterator[Group]:
        return iter(self.groups)

    @property
    def classes(self) -> list[str]:
        """Every class that has images, with or without a background, in order of names."""
        return sorted({group.cls for group in self.groups} | set(self.abstained))

    def of(self, half: str) -> dict[str, dict[str, Group]]:
        """Class to background to group, of one half."""
        found: defaultdict[str, dict[str, Group]] = defaultdict(dict)
        for group in self.groups:
            if group.half == half:
                found[group.cls][group.background] = group
        return dict(found)

    def to_arrow(self, level: float = LEVEL) -> pa.Table:
        """The table as it is stored, accuracies with Wilson's interval."""
        rows = []
        for group in self.groups:
            low, high = group.interval(level)
            values = {name: getattr(group, name) for name in SCHEMA.names if name not in
                      ("low", "high")}  # fmt: skip
            rows.append({**values, "low": low, "high": high})
        return pa.Table.from_pylist(rows, SCHEMA)


def tabulate(rows: DuckDBPyConnection) -> GroupTable:
    """Count every class x background x half.

    Args:
        rows: of ``scored.opened``, checked.
    """
    counted = rows.execute(_GROUPS).fetchall()
    clustered = {id_: sums for id_, *sums in rows.execute(_CLUSTERS).fetchall()}
    labelled: defaultdict[tuple[str, str], int] = defaultdict(int)
    for _, cls, _, half, n, *_ in counted:
        labelled[cls, half] += n
    groups = []
    for id_, cls, background, half, n, k, scale, light in counted:
        clusters, nn, kk, nk = clustered[id_]
        effective = n / design_effect(n, k, clusters, nn, kk, nk)
        groups.append(
            Group(cls, background, half, n, k, clusters, effective, n / labelled[cls, half],
                  _known(scale), _known(light))
        )  # fmt: skip
    query = "SELECT cls, count(*) FROM scored WHERE background = '' GROUP BY cls ORDER BY cls"
    return GroupTable(tuple(groups), dict(rows.execute(query).fetchall()))


def design_effect(n: int, k: int, clusters: int, nn: float, kk: float, nk: float) -> float:
    """Variance of an accuracy over clusters, relative to that of n independent images.

    The between-cluster variance of the ratio k / n (Rao and Scott 1992, equation 1), never below 1:
    a luckily even sample is not taken for more images than it has. Where all images came out alike
    nothing can be estimated, and a cluster counts as one image (Kish's effect at full correlation).

    Args:
        n: images.
        k: of them right.
        clusters: clusters they come from.
        nn: sum over clusters of images squared.
        kk: sum over clusters of right images squared.
        nk: sum over clusters of images times right images.
    """
    if clusters == n:
        return 1.0
    if clusters == 1 or k in (0, n):
        return nn / n
    p = k / n
    between = (kk - 2 * p * nk + p * p * nn) * clusters / (clusters - 1)
    return max(1.0, between / (n * p * (1 - p)))


def merged(groups: Iterable[Group]) -> list[Group]:
    """Both halves together, as those see them who find and test on the same images."""
    halves: defaultdict[tuple[str, str], list[Group]] = defaultdict(list)
    for group in groups:
        halves[group.cls, group.background].append(group)
    labelled: defaultdict[str, int] = defaultdict(int)
    for (cls, _), parts in halves.items():
        labelled[cls] += sum(part.n for part in parts)
    found = []
    for (cls, background), parts in sorted(halves.items()):
        n = sum(part.n for part in parts)
        found.append(
            Group(
                cls, background, "", n, sum(part.correct for part in parts),
                sum(part.clusters for part in parts), sum(part.effective for part in parts),
                n / labelled[cls],
                sum(part.subject_scale * part.n for part in parts) / n,
                sum(part.brightness * part.n for part in parts) / n,
            )
        )  # fmt: skip
    return found


def _known(mean: float | None) -> float:
    return math.nan if mean is None else mean
