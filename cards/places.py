"""From what a person writes to the place that is meant: a Hub repository, or a store."""

from __future__ import annotations

import re
from pathlib import Path

from benchwright.cards.remote import Publication
from benchwright.errors import DatasetError

REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
"""``org/name`` as the Hub allows it."""

URL = re.compile(r"([a-z][a-z0-9+.-]*)://(.*)", re.IGNORECASE | re.DOTALL)


def place(text: str) -> Publication:
    """The place that a text names.

    Args:
        text: ``org/name`` on the Hub; or a folder (``./releases``, ``/data/releases``), or any
            fsspec URL (``s3://bucket/releases``).

    Raises:
        DatasetError: it names neither, or a storage that is not installed.
    """
    from benchwright.cards.hub import HubRepository
    from benchwright.cards.store import Store
    from benchwright.storage import Storage

    if match := URL.fullmatch(text):
        return Store(Storage.at(_checked(text, match[1].lower(), match[2])))
    if text.startswith(("/", "./", "../", "~")) or text in (".", "..") or Path(text).is_dir():
        return Store(Storage.at(str(Path(text).expanduser().absolute())))
    if REPOSITORY.fullmatch(text) and "--" not in text and ".." not in text:
        return HubRepository(text)
    raise DatasetError(
        f'"{text[:100]}" is no place; write org/name for the Hub, ./folder, or a URL like s3://...'
    )


def _checked(text: str, scheme: str, rest: str) -> str:
    if scheme == "hf":
        raise DatasetError(f'"{text[:100]}": write a repository of the Hub as org/name')
    if "@" in rest.partition("/")[0]:
        raise DatasetError(
            f"{scheme}://: keep names and passwords out of the URL, which is published; use the "
            "storage's own login"
        )
    return text


def split_version(text: str) -> tuple[str, str]:
    """``org/name@1.2`` as ``org/name`` and ``1.2``; the version is empty if there is none."""
    where, _, version = text.rpartition("@")
    return (where, version) if where else (text, "")
