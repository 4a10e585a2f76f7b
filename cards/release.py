"""``release.json``: which published version a folder holds, and where it was published."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from benchwright.cards.version import Version
from benchwright.dataset import RELEASE, Dataset, read_json, write_json
from benchwright.errors import DatasetError


@dataclass(frozen=True, slots=True)
class Release:
    """A published version.

    Attributes:
        repository: ``org/name`` on the Hub, or the URL of a store.
        version: its version.
        dataset_sha256: the digest of the set that has this version.
    """

    repository: str
    version: Version
    dataset_sha256: str

    @classmethod
    def of(cls, dataset: Dataset) -> Release | None:
        """The release that a folder holds; None if it has none or its samples have changed since.

        Raises:
            DatasetError: ``release.json`` is there and not what publishing writes.
        """
        path = dataset.folder / RELEASE
        if not path.is_file():
            return None
        try:
            fields = read_json(path)
            found = cls(
                str(fields["repository"]),
                Version.parse(fields["version"]),
                str(fields["dataset_sha256"]),
            )
        except (TypeError, KeyError) as error:
            raise DatasetError(f"{path}: not what publishing writes; delete it") from error
        return found if found.dataset_sha256 == dataset.digest else None

    def write(self, dataset: Dataset) -> None:
        """Write it into the folder."""
        fields = {**asdict(self), "version": str(self.version)}
        write_json(dataset.folder / RELEASE, fields)
