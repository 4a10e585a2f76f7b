"""What a place holds as a version comes to it, and whether it lets that version in."""

from __future__ import annotations

from dataclasses import dataclass

from benchwright import dataset as names
from benchwright.cards.facts import Facts
from benchwright.cards.remote import Publication
from benchwright.cards.version import Version
from benchwright.errors import DatasetError

CONTENT = (names.SHARDS, names.MANIFEST, names.RECIPE, names.BUILD)
"""Files that say which set a folder holds, whatever version it is called."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a place holds as a version comes to it.

    Attributes:
        where: the place.
        versions: those there are.
        base: the newest one before ours.
        revision: that of ours, if it is there already; else the newest, named or not.
    """

    where: Publication
    versions: dict[Version, str]
    base: Version | None
    revision: str

    @classmethod
    def of(cls, where: Publication, goal: Version, facts: Facts) -> Standing:
        """Of a place.

        Raises:
            DatasetError: it has this version with another set, or a higher one.
        """
        versions = where.versions()
        newest = max(versions, default=goal)
        if goal in versions:
            there = where.files(versions[goal])
            for name in CONTENT:
                if name not in there or not there[name].matches(facts.folder / name):
                    raise other_content(where, goal, name)
        elif goal < newest:
            raise DatasetError(f"{where.name}: {newest} is published; choose a higher version")
        base = max((version for version in versions if version < goal), default=None)
        return cls(where, versions, base, versions.get(goal) or where.head())


def other_content(where: Publication, goal: Version, name: str) -> DatasetError:
    """A version that exists, with another file of this name."""
    return DatasetError(
        f"{where.name}: {goal} is published with other content ({name} differs); choose a higher "
        "version"
    )
