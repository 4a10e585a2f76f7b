"""What a sample's caption and JSON say: of img2dataset's shards, of ours, of anybody's."""

from __future__ import annotations

import json
from typing import Any


def caption_and_url(text: str | None, record: str) -> tuple[str, str]:
    """A sample's caption and address, each empty where nothing says so.

    Args:
        text: the sample's own text member, which is its caption; None if there is none.
        record: its JSON; empty if there is none, and of no use if it is no object.
    """
    try:
        found = json.loads(record) if record else {}
    except (ValueError, RecursionError):
        found = {}
    if not isinstance(found, dict):
        found = {}
    source = found.get("source")
    url = _text(found.get("url")) or _text(source.get("url") if isinstance(source, dict) else None)
    return (text if text is not None else _caption(found)), url


def _caption(record: dict[str, Any]) -> str:
    """img2dataset's ``caption``, or the first of a scene's ``captions``."""
    captions = record.get("captions")
    first = captions[0] if isinstance(captions, list) and captions else None
    return _text(record.get("caption")) or _text(
        first.get("text") if isinstance(first, dict) else None
    )


def _text(value: object) -> str:
    """A string that Parquet can hold; JSON's escapes can spell half of a surrogate pair."""
    if not isinstance(value, str):
        return ""
    return value.encode("utf-8", "replace").decode("utf-8")
