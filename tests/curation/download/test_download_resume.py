"""A download that is killed, or whose network breaks, goes on later; nothing is lost or doubled."""

import json
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchwright.curation.download.addresses import AddressPolicy, networks
from benchwright.curation.download.failures import classify, may_pass, was_not_asked
from benchwright.curation.download.folder import (
    DownloadFolder,
    finished_shards,
    remove_unfinished,
)
from benchwright.curation.download.img2dataset_run import FetchSettings, run
from benchwright.curation.download.network_health import FAILURES
from benchwright.curation.download.proxy import FilteringProxy
from benchwright.errors import DatasetError
from benchwright.rejection import Reason

MOST = 1000


@pytest.mark.parametrize(("error", "reason"), [
    ("HTTP Error 404: Not Found", Reason.NOT_FOUND),
    ("HTTP Error 470: benchwright: private address", Reason.PRIVATE_ADDRESS),
    ("HTTP Error 470: benchwright: no such reason", Reason.HTTP_OTHER),
    ("<urlopen error Tunnel connection failed: 470 benchwright: host not found (for now)>",
     Reason.DNS),
    ("<urlopen error [Errno -2] Name or service not known>", Reason.DNS),
    ("<urlopen error [Errno 111] Connection refused>", Reason.REFUSED),
    ("<urlopen error [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has "
     "expired (_ssl.c:1006)>", Reason.TLS),
    ("<urlopen error [SSL: UNEXPECTED_EOF_WHILE_READING] EOF occurred in violation of protocol "
     "(_ssl.c:1006)>", Reason.DROPPED),
    ("<urlopen error _ssl.c:989: The handshake operation timed out>", Reason.TIMEOUT),
    ("The read operation timed out", Reason.TIMEOUT),
    ("IncompleteRead(10 bytes read, 90 more expected)", Reason.DROPPED),
    ("IncompleteRead(1500 bytes read)", Reason.TOO_LARGE),
    ("Remote end closed connection without response", Reason.DROPPED),
    ("unknown url type: 'x'", Reason.BAD_URL),
    ("URL can't contain control characters. '/a b' (found at least ' ')", Reason.BAD_URL),
    ("Use of image disallowed by X-Robots-Tag directive", Reason.OPT_OUT),
    ("something nobody has seen", Reason.HTTP_OTHER),
])  # fmt: skip
def test_error_texts_are_read_as_reasons(error, reason):
    assert classify("failed_to_download", error, MOST) == reason


def test_what_cannot_be_decoded_is_told_from_what_cannot_be_fetched():
    assert classify("failed_to_resize", "Image decoding error", MOST) == Reason.UNDECODABLE
    assert classify("failed_to_resize", "something nobody has seen", MOST) == Reason.UNDECODABLE


def test_only_what_may_pass_is_tried_again():
    assert may_pass(Reason.TIMEOUT, "") and may_pass(Reason.RATE_LIMITED, "")
    assert not may_pass(Reason.NOT_FOUND, "") and not may_pass(Reason.DNS, "host not found")
    assert may_pass(Reason.DNS, "HTTP Error 470: benchwright: host not found (for now)")
    assert was_not_asked("<urlopen error [Errno 111] Connection refused>")
    assert not was_not_asked("HTTP Error 470: benchwright: connection refused")


def test_unfinished_shards_are_removed_and_finished_ones_kept(tmp_path):
    table = pa.table({"key": ["1", "2"]})
    for name in ("00000", "00001", "00002"):
        pq.write_table(table, tmp_path / f"{name}.parquet")
        (tmp_path / f"{name}.tar").write_bytes(b"tar")
    for name, count in (("00000", 2), ("00001", 3)):  # a sample of the second was lost
        stats = {"count": count, "successes": 1}
        (tmp_path / f"{name}_stats.json").write_text(json.dumps(stats))
    (tmp_path / "00003.tar").write_bytes(b"cut")
    (tmp_path / "notes.tar").write_bytes(b"of the user")
    assert remove_unfinished(tmp_path) == ["00001", "00002", "00003"]
    assert [shard.name for shard in finished_shards(tmp_path)] == ["00000"]
    assert (tmp_path / "notes.tar").exists()


def test_a_broken_network_stops_the_run_and_leaves_no_process(tmp_path):
    folder = DownloadFolder(tmp_path)
    folder.input.mkdir(parents=True)
    urls = pa.table({"row": [0], "url": ["http://a.invalid/"], "caption": [""]})
    pq.write_table(urls, folder.input / "part-00000.parquet")
    with FilteringProxy(AddressPolicy(networks(["loopback"]))) as proxy:
        for number in range(FAILURES):
            proxy.health.unreachable(f"host-{number}")
        with pytest.raises(DatasetError, match="the network does not answer"):
            run(FetchSettings(), folder, ["row"], 1, proxy, lambda *_: None)
    assert not processes_in(tmp_path)
    assert not finished_shards(tmp_path)


def processes_in(folder: Path) -> list[str]:
    """Command lines of the processes that mention a folder, this one's apart."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            found += [command] if f'"{folder}' in command else []
    return found
