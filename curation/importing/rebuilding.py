"""Building a set whose images were withheld: its references, and images downloaded anew."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from benchwright import dataset as files
from benchwright import references, rejects
from benchwright.curation.mined.readers import TarReader, images
from benchwright.curation.mined.writing import Report, Sample, SetFacts, write
from benchwright.dataset import Dataset, read_json, read_table
from benchwright.errors import DatasetError
from benchwright.imported_record import ImportedRecord
from benchwright.mined_record import MinedRecord
from benchwright.recipe_file import load_pictures
from benchwright.rejection import Reason
from benchwright.rejects import Reject
from benchwright.sample_kinds import MINED, SampleKind, kind_of
from benchwright.shards import MAX_MEMBER, replacing

Progress = Callable[[int, int], None]

ROWS = "rows.parquet"
"""What a download says of each address that it was given: ``url``, ``status``, ``detail``."""

DOWNLOADED = "downloaded"
"""The status of an address whose image came."""

ROOT = Path("/")
"""Downloads lie in any folders: places in them are absolute."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A sample to be found again."""

    record: dict[str, Any]
    config: str
    split: str


@dataclass(frozen=True, slots=True)
class RebuildReport:
    """What a rebuild did.

    Attributes:
        written: the set that was written.
        wanted: samples of the set that was published.
        changed: images that are others by now.
        gone: reason to number of images that could not be had.
        same: whether it is the published set, byte for byte.
    """

    written: Report
    wanted: int
    changed: int
    gone: dict[str, int]
    same: bool


def rebuild(
    folder: Path,
    downloads: Sequence[Path],
    out: Path,
    workers: int | None = None,
    progress: Progress = lambda done, total: None,
) -> RebuildReport:
    """Build a references-only set from downloads of its addresses.

    An image is known by its sha256 alone: whatever else lies in the downloads does no harm.

    Args:
        folder: the set, as pulled.
        downloads: folders that ``benchwright download`` filled from its tables of references.
        out: the dataset folder to write.
        workers: processes, default all cores.
        progress: called with samples done and in all.

    Raises:
        DatasetError: no such set, none of its images is in the downloads, or ``out`` cannot be
            written.
    """
    dataset = Dataset.open(folder)
    kind, build = kind_of(dataset), read_json(folder / files.BUILD)
    if not kind.collected:
        raise DatasetError(
            f"{folder}: its images were composed; benchwright build {folder / files.RECIPE} draws "
            "them again"
        )
    recipe = load_pictures(folder / files.RECIPE)
    wanted = list(_wanted(dataset, kind))
    found = _found({one.record["sha256"] for one in wanted}, downloads)
    missing = list(_missing(wanted, found, downloads))
    samples = [_sample(one, kind, found[one.record["sha256"]]) for one in wanted
               if one.record["sha256"] in found]  # fmt: skip
    left_out = pa.concat_tables([rejects.read(folder), rejects.table(missing)])
    facts = SetFacts(
        kind, recipe.name, recipe.title, recipe.licence, "", len(samples) + left_out.num_rows,
        build["seed"], build["quality"], build["shard_size"], build["made"],
    )  # fmt: skip
    text = (folder / files.RECIPE).read_text("utf-8")
    report = write(out, text, samples, TarReader(ROOT), left_out, facts, workers, progress)
    _copy_tables(folder, out)
    changed = sum(reject.reason is Reason.CHANGED for reject in missing)
    gone = Counter(str(r.reason) for r in missing if r.reason is not Reason.CHANGED)
    same = report.dataset.digest == build["dataset_sha256"]
    return RebuildReport(report, len(wanted), changed, dict(gone), same)


def _wanted(dataset: Dataset, kind: SampleKind) -> Iterator[Wanted]:
    for config, split in dict.fromkeys(
        (s.config, s.split) for s in (*dataset.shards, *dataset.absent)
    ):
        table = read_table(references.path(dataset.folder, config, split), references.schema(kind))
        for record in table["json"].to_pylist():
            yield Wanted(record, config, split)


def _found(digests: set[str], downloads: Sequence[Path]) -> dict[str, str]:
    """sha256 of each image that was downloaded as it was published, to its place."""
    found: dict[str, str] = {}
    read = TarReader(ROOT)
    for tar in _tars(downloads):
        for _, place in images(ROOT, tar.resolve().relative_to(ROOT).as_posix()):
            if place.bytes <= MAX_MEMBER:
                digest = hashlib.sha256(read(str(place))).hexdigest()
                if digest in digests:
                    found.setdefault(digest, str(place))
    return found


def _tars(downloads: Sequence[Path]) -> Iterator[Path]:
    for folder in downloads:
        if not folder.is_dir():
            raise DatasetError(f"{folder}: no such folder of downloads")
        yield from sorted(folder.rglob("*.tar"))


def _missing(
    wanted: Sequence[Wanted], found: dict[str, str], downloads: Sequence[Path]
) -> Iterator[Reject]:
    """Every sample whose image is not there, with what became of its address."""
    fates = _fates(downloads)
    for one in wanted:
        record, url = one.record, one.record["source"]["url"]
        if record["sha256"] in found:
            continue
        status, detail = fates.get(url, ("", ""))
        if status == DOWNLOADED:
            reason, detail = Reason.CHANGED, url
        elif status in {known.value for known in Reason}:
            reason, detail = Reason(status), f"{url} {detail}".strip()
        else:
            reason, detail = Reason.NO_IMAGE, f"not among the downloads: {url or 'no address'}"
        yield Reject(record["key"], f"{one.config}/{one.split}", reason, detail)


def _fates(downloads: Sequence[Path]) -> dict[str, tuple[str, str]]:
    """Address to what the downloads say became of it."""
    fates: dict[str, tuple[str, str]] = {}
    for folder in downloads:
        for path in sorted(folder.rglob(ROWS)):
            try:
                table = pq.read_table(path, columns=["url", "status", "detail"])
            except (OSError, pa.ArrowException) as error:
                raise DatasetError(f"{path}: not what a download writes") from error
            for row in table.to_pylist():
                fates[row["url"]] = (row["status"], row["detail"])
    return fates


def _sample(one: Wanted, kind: SampleKind, at: str) -> Sample:
    of = MinedRecord if kind.name == MINED.name else ImportedRecord
    return Sample(of.from_dict(one.record), at, (one.config, one.split))


def _copy_tables(folder: Path, out: Path) -> None:
    """What was measured on the whole set goes with it."""
    for name in (files.GROUPS, files.SENSITIVITY):
        if (folder / name).is_file():
            with replacing(out / name) as file:
                file.write((folder / name).read_bytes())
