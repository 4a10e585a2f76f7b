"""The licence ledger of found images: an entry a collection, creator and licence."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator

from benchwright.imported_record import ImportedRecord
from benchwright.ledger import Source
from benchwright.mined_record import MinedRecord


class Attribution:
    """Gathers whose images a set shows, as its records pass by."""

    def __init__(self) -> None:
        self._keys: defaultdict[tuple[str, str, str], list[str]] = defaultdict(list)

    def add(self, record: MinedRecord | ImportedRecord) -> None:
        """Take note of an image."""
        terms = (record.source.dataset, record.creator, record.licence)
        self._keys[terms].append(record.key)

    def ledger(self) -> Iterator[Source]:
        """Its entries; an entry's digest is that of the keys of its images, sorted."""
        for (dataset, creator, licence), keys in sorted(self._keys.items()):
            name = f"{creator or dataset or 'unnamed'} ({licence or 'unknown'})"
            digest = hashlib.sha256("\n".join(sorted(keys)).encode()).hexdigest()
            yield Source(name, dataset, creator, licence, "", digest)
