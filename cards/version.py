"""Semantic versions of a dataset, and the part of one that a person writes to mean the newest."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from benchwright.errors import DatasetError, did_you_mean

_PART = r"(0|[1-9]\d{0,8})"


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """``MAJOR.MINOR.PATCH``: samples removed or changed, samples added, words or card mended."""

    major: int
    minor: int
    patch: int

    @classmethod
    def parse(cls, text: str) -> Version:
        """Read ``1.2.0`` or ``v1.2.0``.

        Raises:
            DatasetError: it is neither.
        """
        if match := re.fullmatch(rf"v?{_PART}\.{_PART}\.{_PART}", text):
            return cls(*map(int, match.groups()))
        raise DatasetError(f'"{text[:40]}" is no version; write it as 1.2.0')

    @property
    def tag(self) -> str:
        """``v1.2.0``: the tag of a Hub repository, the folder of a store."""
        return f"v{self}"

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


def tagged(tags: Iterable[str]) -> dict[str, Version]:
    """Tag to version of those tags that are versions; others are somebody's own."""
    pattern = re.compile(rf"v{_PART}\.{_PART}\.{_PART}")
    return {tag: Version.parse(tag) for tag in tags if pattern.fullmatch(tag)}


def is_range(text: str) -> bool:
    """Whether a text is a version or the beginning of one: ``1``, ``v1.2``, ``1.2.0``."""
    return re.fullmatch(rf"v?{_PART}(\.{_PART}){{0,2}}", text) is not None


def newest(text: str, versions: Iterable[Version]) -> Version:
    """The newest version that a text means.

    Args:
        text: ``1.2.0``, ``1.2``, ``1``, or nothing for the newest of all.
        versions: those that there are.

    Raises:
        DatasetError: none fits; names what there is.
    """
    known = sorted(versions)
    wanted = text.removeprefix("v")
    fitting = [v for v in known if not wanted or f"{v}.".startswith(f"{wanted}.")]
    if fitting:
        return fitting[-1]
    names = [str(version) for version in known]
    there = f"there are {', '.join(names)}" if names else "there is none yet"
    raise DatasetError(f'no version "{wanted}"{did_you_mean(wanted, names)}; {there}')
