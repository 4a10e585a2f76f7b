"""Driving img2dataset: a process of its own, our progress, its log kept and quoted."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchwright.curation.download.columns import CAPTION, URL
from benchwright.curation.download.folder import DownloadFolder, finished_shards
from benchwright.curation.download.img2dataset_log import Listener
from benchwright.curation.download.proxy import FilteringProxy
from benchwright.errors import DatasetError
from benchwright.images import MOST_PIXELS

USER_AGENT_TOKEN = "benchwright"
"""What servers are told we are, and may name in an X-Robots-Tag."""

OPT_OUT = ("noai", "noimageai", "noindex", "noimageindex")
"""Directives of an X-Robots-Tag that are honoured; there is no option to ignore them."""

SHARD_DIGITS = 5
"""Digits of a shard's number: 100,000 shards of 10,000 rows."""

JPEG_QUALITY = 95
POLL_SECONDS = 0.25

STALLED_SECONDS = 300.0
"""Without any traffic or shard: a worker that was killed for its memory leaves img2dataset waiting
for ever. Longer than any request may take and any shard needs to be written."""

AGAIN = "what was finished is kept: run the same command to go on"

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class FetchSettings:
    """How images are fetched and stored.

    Attributes:
        resize: pixels of the shorter side that larger images are brought to; 0 keeps all as is.
        processes: of img2dataset.
        threads: a process: connections at once.
        timeout: seconds that a server may be silent.
        shard_size: rows a shard.
    """

    resize: int = 512
    processes: int = 1
    threads: int = 64
    timeout: float = 10.0
    shard_size: int = 10_000


def options(settings: FetchSettings, folder: DownloadFolder, columns: list[str]) -> dict[str, Any]:
    """What img2dataset is told.

    Args:
        settings: how to fetch.
        folder: whose input is read and whose shards are written.
        columns: of the input besides address and caption; they end up in each sample's JSON.
    """
    resize = {"resize_mode": "keep_ratio", "image_size": settings.resize,
              "resize_only_if_bigger": True}  # fmt: skip
    return {
        "url_list": str(folder.input),
        "input_format": "parquet",
        "url_col": URL,
        "caption_col": CAPTION,
        "save_additional_columns": columns,
        "output_folder": str(folder.path),
        "output_format": "webdataset",
        **(resize if settings.resize else {"resize_mode": "no"}),
        # A JPEG that keeps its size keeps its bytes; whether it is whole is checked all the same.
        "skip_reencode": True,
        "encode_format": "jpg",
        "encode_quality": JPEG_QUALITY,
        "processes_count": settings.processes,
        "thread_count": settings.threads,
        "number_sample_per_shard": settings.shard_size,
        "oom_shard_count": SHARD_DIGITS,
        "timeout": settings.timeout,
        "retries": 0,  # a server that fails is asked again later, not at once
        "compute_hash": "sha256",
        "user_agent_token": USER_AGENT_TOKEN,
        "disallowed_header_directives": list(OPT_OUT),
        # Numbers go on after those there: a row's earlier tries stay, and no key comes twice.
        "incremental_mode": "extend",
        "enable_wandb": False,
    }


def environment(proxy: FilteringProxy) -> dict[str, str]:
    """The environment of img2dataset: all traffic through the proxy, nothing phones home."""
    # With REQUEST_METHOD urllib takes itself for a CGI script and ignores http_proxy.
    dropped = {"no_proxy", "request_method", "all_proxy"}
    kept = {name: value for name, value in os.environ.items() if name.lower() not in dropped}
    proxied = {f"{scheme}_proxy": proxy.url for scheme in ("http", "https", "ftp")}
    upper = {name.upper(): value for name, value in proxied.items()}
    return {
        **kept,
        **proxied,
        **upper,
        "no_proxy": "",
        "NO_PROXY": "",
        "WANDB_MODE": "disabled",
        "NO_ALBUMENTATIONS_UPDATE": "1",  # it asks PyPI for its version on import
        "OPENCV_IO_MAX_IMAGE_PIXELS": str(MOST_PIXELS),  # by the header, before decoding
        "PYTHONUNBUFFERED": "1",
    }


def run(
    settings: FetchSettings,
    folder: DownloadFolder,
    columns: list[str],
    rows: int,
    proxy: FilteringProxy,
    progress: Progress,
) -> None:
    """Fetch the rows of the folder's input into new shards.

    Args:
        settings: how to fetch.
        folder: with its input written and its unfinished shards removed.
        columns: of the input besides address and caption.
        rows: in the input.
        proxy: running; every request goes through it.
        progress: called with rows done and in all.

    Raises:
        DatasetError: img2dataset failed, the disk cannot be written, or the network is broken;
            finished shards stay.
    """
    before = {shard.name for shard in finished_shards(folder.path)}
    shutil.rmtree(folder.path / "_tmp", ignore_errors=True)  # of a run that was killed
    command = [sys.executable, "-m", "benchwright.curation.download.img2dataset_child",
               json.dumps(options(settings, folder, columns))]  # fmt: skip
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env=environment(proxy), cwd=folder.work, start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    with Listener(process.stdout, folder.log) as heard:
        try:
            _watch(process, proxy, heard, rows, progress)
        finally:
            _end(process)
    _check_disk(folder.path, heard)
    if process.returncode:
        raise DatasetError(f"img2dataset failed ({heard.last_words()}); see {folder.log}; {AGAIN}")
    if {shard.name for shard in finished_shards(folder.path)} <= before:
        raise DatasetError(
            f"img2dataset finished no shard ({heard.last_words()}); "
            f"see {folder.log}; mend that and run the same command to go on"
        )
    progress(rows, rows)


def _watch(
    process: subprocess.Popen[bytes],
    proxy: FilteringProxy,
    heard: Listener,
    rows: int,
    progress: Progress,
) -> None:
    """Report progress until img2dataset ends, or the disk does; give up when it cannot go on."""
    started = seen = proxy.traffic.requests
    moved = time.monotonic()
    while process.poll() is None and not heard.trouble:
        if proxy.health.broken:
            raise DatasetError(
                "the network does not answer: no host could be looked up or reached, many in a "
                f"row; {AGAIN}"
            )
        time.sleep(POLL_SECONDS)
        if proxy.traffic.requests != seen:
            seen, moved = proxy.traffic.requests, time.monotonic()
            # Each row takes one request, a redirected one more: near enough for a bar.
            progress(min(seen - started, rows), rows)
        elif time.monotonic() - moved > STALLED_SECONDS:
            raise DatasetError(
                f"img2dataset has stood still for {STALLED_SECONDS:.0f} s, as when one of its "
                f"processes runs out of memory: try fewer --processes; {AGAIN}"
            )


def _end(process: subprocess.Popen[bytes]) -> None:
    """Leave no process behind, workers that outlived the one they belonged to included."""
    if process.stdin is not None:
        process.stdin.close()
    if process.poll() is None:
        time.sleep(POLL_SECONDS)  # the child ends its whole group when its input ends
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _check_disk(path: Path, heard: Listener) -> None:
    if heard.trouble:
        raise DatasetError(f"{path}: cannot be written: {heard.trouble}; mend that; {AGAIN}")
