"""Download: tables of addresses in, image shards and a row for every row out; again to go on."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchwright import mirror
from benchwright.curation.download.addresses import AddressPolicy, networks
from benchwright.curation.download.database import connected, quoted
from benchwright.curation.download.folder import (
    SHARD_FILE,
    DownloadFolder,
    finished_shards,
    remove_unfinished,
)
from benchwright.curation.download.img2dataset_run import FetchSettings, run
from benchwright.curation.download.inaturalist import PhotoChoice, Photographs, choose
from benchwright.curation.download.network_health import HOSTS, NetworkHealth
from benchwright.curation.download.outcomes import most_tries, note_outcomes, write_pending
from benchwright.curation.download.placeholders import PLACEHOLDER_ADDRESSES
from benchwright.curation.download.planning import HOST, Plan, prepared
from benchwright.curation.download.proxy import FilteringProxy
from benchwright.curation.download.rows import Summary, summary, write_rows
from benchwright.curation.download.tables import AddressTable, open_tables
from benchwright.curation.download.traffic import Limits
from benchwright.curation.vocabulary import VocabularyClass
from benchwright.errors import DatasetError
from benchwright.shards import remove

SLOWEST = 6
"""Times the silence allowed that a whole request may take: a server may send drop by drop."""

SHARDS_A_PROCESS = 4
"""Shards that each process gets at least, where there are few rows: none idles at the end."""

MOST_ROWS, FEWEST_ROWS = 10_000, 256
"""Rows a shard: below 1 GB for pictures of 512 pixels; enough to keep the connections busy."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class DownloadSettings:
    """What is downloaded and how.

    Attributes:
        classes: rows whose caption names none of them are not fetched; none given: all are.
        columns: our column name to the table's, where the table's is not known.
        resize: pixels of the shorter side that larger images are brought to; 0 keeps all as is.
        processes: of img2dataset; default all cores.
        threads: connections at once of each.
        timeout: seconds that a server may be silent.
        retries: times that failures which may pass are tried again.
        retry: try them once more, however often they were.
        allow_private: networks that may be asked though they are not public.
        per_host: connections to one host at once.
        limit: stop reading when so many rows are to be fetched.
        placeholder_addresses: different addresses from which one picture is a placeholder.
    """

    classes: tuple[VocabularyClass, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    resize: int = 512
    processes: int | None = None
    threads: int = 64
    timeout: float = 10.0
    retries: int = 1
    retry: bool = False
    allow_private: tuple[str, ...] = ()
    per_host: int = 32
    limit: int | None = None
    placeholder_addresses: int = PLACEHOLDER_ADDRESSES


@dataclass(frozen=True, slots=True)
class DownloadReport:
    """What a run did, and what the folder holds now.

    Attributes:
        folder: with the shards.
        summary: over all rows.
        fetched: rows tried by this run.
        seconds: it took.
        shards: finished, in all.
        chosen: photographs, where they came from iNaturalist's tables.
    """

    folder: Path
    summary: Summary
    fetched: int
    seconds: float
    shards: int
    chosen: Photographs | None = None


def download(
    tables: Sequence[str],
    out: Path,
    settings: DownloadSettings,
    progress: Progress,
) -> DownloadReport:
    """Fetch the images of tables into a folder of shards; run again to go on.

    Args:
        tables: files, folders or glob patterns; local or fsspec URLs.
        out: the folder.
        settings: what and how.
        progress: called with rows done and in all.

    Raises:
        DatasetError: a table cannot be used, the folder is another's, img2dataset failed, or the
            network is broken. What was finished is kept.
    """
    return fill(open_tables(tables, settings.columns), out, settings, progress)


def download_inaturalist(
    source: Path,
    out: Path,
    choice: PhotoChoice,
    settings: DownloadSettings,
    progress: Progress,
) -> DownloadReport:
    """Fetch photographs of iNaturalist's open data into a folder of shards; run again to go on.

    Args:
        source: folder with iNaturalist's four files.
        out: the folder.
        choice: which photographs.
        settings: what and how; its classes are taxa here.
        progress: called with rows done and in all.

    Raises:
        DatasetError: as for ``download`` and ``inaturalist.choose``.
    """
    folder = DownloadFolder(out.absolute())
    refuse_strangers(folder)
    chosen = choose(source, folder, settings.classes, choice)
    table = open_tables([str(chosen.path)], {})
    return replace(fill(table, out, settings, progress, filtered=False), chosen=chosen)


def fill(
    tables: Sequence[AddressTable],
    out: Path,
    settings: DownloadSettings,
    progress: Progress,
    filtered: bool = True,
) -> DownloadReport:
    """``download``, of opened tables.

    Args:
        tables: in order.
        out: the folder.
        settings: what and how.
        progress: called with rows done and in all.
        filtered: false where rows were chosen by something better than their caption.

    Raises:
        DatasetError: as for ``download``.
    """
    start = time.monotonic()
    policy = AddressPolicy(networks(settings.allow_private))
    limits = Limits(connect_seconds=settings.timeout, per_host=settings.per_host,
                    total_seconds=SLOWEST * settings.timeout)  # fmt: skip
    folder = DownloadFolder(out.absolute())
    refuse_strangers(folder)
    with folder.locked():
        plan = prepared(folder, tables, settings.classes, settings.limit, settings.resize, filtered)
        remove_unfinished(folder.path)
        mirror.share()  # the shards, before the outcomes that say that they are there
        note_outcomes(folder, limits.most_bytes)
        fetched = 0
        health = NetworkHealth(_hosts(folder))
        with FilteringProxy(policy, limits, health=health) as proxy:
            for tries in _passes(folder, settings):
                fetched += _pass(folder, plan, settings, tries, proxy, progress)
        if fetched or not folder.rows.is_file():
            total = write_rows(folder, plan, settings.placeholder_addresses)
        else:
            total = summary(folder)
        _tidy(folder)
    shards = len(finished_shards(folder.path))
    return DownloadReport(folder.path, total, fetched, time.monotonic() - start, shards)


def refuse_strangers(folder: DownloadFolder) -> None:
    """Keep away from shards that img2dataset did not write: unfinished ones would be removed.

    Raises:
        DatasetError: the folder holds such.
    """
    if folder.work.is_dir() or not folder.path.is_dir():
        return
    finished = {shard.name for shard in finished_shards(folder.path)}
    for path in folder.path.iterdir():
        match = SHARD_FILE.fullmatch(path.name)
        if (match and match[1] not in finished) or (path.suffix == ".json" and not match):
            raise DatasetError(
                f"{folder.path}: holds {path.name}, which is not of a finished run of "
                "img2dataset's; choose an empty or a new folder for --out"
            )


def _hosts(folder: DownloadFolder) -> int:
    """Different hosts of the queue; where they are many, as many as health asks for."""
    queue = f"read_parquet({quoted(folder.queue)})"
    with connected(folder.temporary) as database:
        hosts = f"(SELECT DISTINCT {HOST} FROM {queue} LIMIT {HOSTS})"
        found = database.execute(f"SELECT count(*) FROM {hosts}").fetchone()
    return int(found[0]) if found else HOSTS


def _passes(folder: DownloadFolder, settings: DownloadSettings) -> range:
    """The most tries a row gets, pass by pass: all rows first, then failures that may pass."""
    last = 1 + settings.retries
    if settings.retry:
        last = max(last, most_tries(folder) + 1)
    return range(1, last + 1)


def _pass(
    folder: DownloadFolder,
    plan: Plan,
    settings: DownloadSettings,
    tries: int,
    proxy: FilteringProxy,
    progress: Progress,
) -> int:
    """Fetch the rows that have had fewer tries than they may; returns how many."""
    first = pending = write_pending(folder, plan, tries)
    if pending:  # the table is there only while it holds: a run that is killed leaves none
        remove(folder.rows)
    while pending:
        processes = settings.processes or os.cpu_count() or 1
        share = -(-pending // (processes * SHARDS_A_PROCESS))
        shard = min(MOST_ROWS, max(FEWEST_ROWS, share))
        fetch = FetchSettings(settings.resize, processes, settings.threads, settings.timeout, shard)
        run(fetch, folder, list(plan.columns), pending, proxy, progress)
        remove_unfinished(folder.path)
        mirror.share()  # the shards, before the outcomes that say that they are there
        note_outcomes(folder, proxy.limits.most_bytes)
        left = write_pending(folder, plan, tries)
        if left >= pending:
            raise DatasetError(
                f"{folder.path}: {left:,} rows come to nothing, neither images nor failures; see "
                f"{folder.log}; mend that and run the same command to go on"
            )
        pending = left
    return first


def _tidy(folder: DownloadFolder) -> None:
    for path in folder.input.glob("*.parquet"):
        remove(path)
    for emptied in (folder.input, folder.temporary):
        with contextlib.suppress(OSError):
            emptied.rmdir()
