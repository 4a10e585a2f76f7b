"""Serving a corpus: its pages on loopback, and its table with the addresses they are served at."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchwright.builders.corpus.addresses import mover
from benchwright.builders.corpus.columns import SCHEMAS, URL_COLUMN
from benchwright.builders.corpus.folder import TABLE, Corpus
from benchwright.builders.corpus.routes import read_routes
from benchwright.builders.corpus.server import Pages, listening
from benchwright.errors import DatasetError
from benchwright.shards import replacing

LOCALHOST, V4, V6 = "localhost", "127.0.0.1", "::1"


@dataclass(frozen=True, slots=True)
class Served:
    """A corpus that is being served.

    Attributes:
        port: of every host.
        hosts: names that the addresses in ``table`` use.
        table: the table of addresses as they are served: the corpus's own, or a copy moved to
            this port and these hosts that lasts as long as the serving. Rows are those of the
            truth, in its order.
        pages: what is served, which counts the requests.
    """

    port: int
    hosts: tuple[str, ...]
    table: Path
    pages: Pages


@contextmanager
def serving(folder: Path, port: int = 0) -> Iterator[Served]:
    """Serve a corpus on this machine, to itself alone, until the block ends.

    Args:
        folder: of the corpus.
        port: 0 for any that is free. Answers that differ from try to try start anew.

    Raises:
        DatasetError: there is no corpus, the port is taken, or none of its hosts is here.
    """
    corpus = Corpus.open(folder)
    addresses = _addresses(corpus.recipe.hosts)
    hosts = tuple(
        host for host in corpus.recipe.hosts if host == LOCALHOST or host.strip("[]") in addresses
    )
    if not hosts:
        raise DatasetError(f"{folder}: none of its hosts is here: {', '.join(corpus.recipe.hosts)}")
    pages = Pages(folder, read_routes(folder))
    with (
        listening(pages, addresses, port) as found,
        tempfile.TemporaryDirectory(prefix="corpus-") as scratch,
    ):
        as_built = found == corpus.recipe.port and len(hosts) == len(corpus.recipe.hosts)
        table = corpus.table_path if as_built else Path(scratch) / TABLE
        if not as_built:
            _write_moved(corpus, found, hosts, table)
        yield Served(found, hosts, table, pages)


def _addresses(hosts: list[str]) -> list[str]:
    """The loopback addresses of hosts that this machine has; ``localhost`` may be either."""
    wanted = dict.fromkeys(host.strip("[]") for host in hosts if host != LOCALHOST)
    if LOCALHOST in hosts:
        wanted |= dict.fromkeys((V4, V6))
    return [address for address in wanted if _is_here(address)]


def _is_here(address: str) -> bool:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.bind((address, 0))
    except OSError:
        return False
    return True


def _write_moved(corpus: Corpus, port: int, hosts: tuple[str, ...], path: Path) -> None:
    """Write the table with its addresses moved, a row group at a time."""
    schema, column = SCHEMAS[corpus.recipe.columns], URL_COLUMN[corpus.recipe.columns]
    move = mover(corpus.recipe, port, hosts)
    source = pq.ParquetFile(corpus.table_path)
    with replacing(path) as file, pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for batch in source.iter_batches():
            urls = [move(url) for url in batch.column(column).to_pylist()]
            at = schema.get_field_index(column)
            writer.write_batch(batch.set_column(at, column, pa.array(urls, pa.string())))
