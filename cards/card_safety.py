"""A card that somebody else wrote: read as data, refused where it would have something run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from benchwright.cards.safety import safe_path, shown
from benchwright.dataset import CARD
from benchwright.errors import DatasetError
from benchwright.front_matter import FENCE, split_card

MAX_CARD = 2 * 2**20
"""Bytes of a card; the longest on the Hub, with their tables and papers, are below 1 MB."""

MAX_FRONT = 512 * 2**10
"""Bytes of front matter; ten thousand class names fit. The YAML parser takes seconds for it."""

MAX_DEPTH = 40
"""Nesting of front matter: features of features are ten deep at most."""

MAX_TEXTS = 500_000
"""Keys and values of front matter: what fits into it, but for YAML's aliases, which multiply."""

MAX_WILDCARDS = 8
"""Wildcards in a pattern of file names: matching time grows with each."""

REMOTE_CODE = frozenset(
    {"auto_map", "builder", "builder_script", "loading_script", "script", "trust_remote_code"}
)
"""Keys that name code to be run when a dataset is loaded."""

ACTIVE = re.compile(
    r"<\s*/?\s*(script|iframe|object|embed|svg|math|form|link|meta|style|base)\b"
    r"|<[^>]{0,200}\son\w{1,20}\s*=|javascript:",
    re.IGNORECASE,
)
"""HTML that acts in a page which shows a value unescaped."""


def read_card(path: Path) -> tuple[dict[str, Any], str]:
    """The front matter and body of a card, its front matter harmless; empty if it has none.

    Raises:
        DatasetError: too long, not plain YAML, or it names code, an address or a path elsewhere.
    """
    if not path.is_file():
        return {}, ""
    if path.stat().st_size > MAX_CARD:
        raise DatasetError(f"{CARD}: longer than {MAX_CARD:,} bytes")
    text = path.read_bytes().decode("utf-8", "replace").replace("\r\n", "\n")
    if not text.startswith(FENCE):
        return {}, text
    _check_yaml(text)
    front, body = split_card(text)
    _check_values(front)
    for pattern in data_patterns(front):
        check_pattern(pattern)
    return front, body


def _check_yaml(text: str) -> None:
    """Refuse, before anything is made of it, what would grow or nest without end."""
    front = text.removeprefix(FENCE).partition(f"\n{FENCE}")[0]
    if len(front.encode()) > MAX_FRONT:
        raise DatasetError(f"{CARD}: front matter longer than {MAX_FRONT:,} bytes")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    depth = 0
    try:
        for event in yaml.parse(front, Loader=loader):
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                raise DatasetError(f"{CARD}: front matter nested deeper than {MAX_DEPTH} levels")
    except (yaml.YAMLError, ValueError) as error:
        kind = type(error).__name__
        raise DatasetError(f"{CARD}: its front matter is not plain YAML ({kind})") from error


def _check_values(value: Any) -> None:
    for number, (text, is_key) in enumerate(_texts(value)):
        if number > MAX_TEXTS:
            raise DatasetError(f"{CARD}: front matter of more than {MAX_TEXTS:,} texts")
        if is_key and text in REMOTE_CODE:
            raise DatasetError(f'{CARD}: names remote code ("{text}"), which is never run')
        if ACTIVE.search(text):
            raise DatasetError(f'{CARD}: its front matter holds active HTML: "{shown(text, 60)}"')


def _texts(value: Any, depth: int = 0) -> Iterator[tuple[str, bool]]:
    """Every key and scalar in a value, and whether it is a key."""
    if depth > MAX_DEPTH:
        raise DatasetError(f"{CARD}: front matter nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, dict):
        for key, inner in value.items():
            yield str(key), True
            yield from _texts(inner, depth + 1)
    elif isinstance(value, list):
        yield "", False  # counted, for lists of nothing
        for inner in value:
            yield from _texts(inner, depth + 1)
    else:
        yield (value if isinstance(value, str) else ""), False


def data_patterns(front: dict[str, Any]) -> list[str]:
    """Every pattern and folder of data files that a card's configs name."""
    found: list[str] = []
    configs = front.get("configs")
    for config in configs if isinstance(configs, list) else []:
        if isinstance(config, dict):
            for part in ("data_files", "data_dir"):
                found += patterns_in(config.get(part))
    return found


def patterns_in(value: Any) -> list[str]:
    """The patterns of one ``data_files``, in any of the forms that `datasets` reads."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [pattern for inner in value for pattern in patterns_in(inner)]
    if isinstance(value, dict):
        named = value["path"] if "path" in value else list(value.values())
        return patterns_in(named)
    return []


def check_pattern(pattern: str) -> None:
    """Refuse a pattern of data files that leads out of the repository.

    Raises:
        DatasetError: an address, a chain of file systems, an absolute path, ``..``.
    """
    if "://" in pattern or "::" in pattern or pattern.startswith("~"):
        raise DatasetError(f'{CARD}: its data lie elsewhere: "{shown(pattern)}"')
    if len(re.findall(r"\*+|\?|\[", pattern)) > MAX_WILDCARDS:
        raise DatasetError(f'{CARD}: pattern "{shown(pattern)}" has too many wildcards')
    relative = pattern.removeprefix("./").rstrip("/")
    if relative not in ("", "."):
        try:
            safe_path(relative)
        except DatasetError as error:
            raise DatasetError(f"{CARD}: its configs name a {error}") from error
