"""The columns of LAION's tables, as published, with scores such as LAION's.

Names and types follow those of laion/laion2B-en (joined with punsafe and pwatermark), LAION-400M's
release, and laion/relaion2B-en-research-safe, whose columns are img2dataset's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa

from benchwright.corpus_recipe import CorpusRecipe
from benchwright.seeding import digest, generator

TEXT, INT, LONG = pa.string(), pa.int32(), pa.int64()
SINGLE, DOUBLE = pa.float32(), pa.float64()

SCHEMAS: dict[str, pa.Schema] = {
    "laion2b": pa.schema([
        ("URL", TEXT), ("TEXT", TEXT), ("WIDTH", INT), ("HEIGHT", INT), ("similarity", DOUBLE),
        ("hash", LONG), ("punsafe", SINGLE), ("pwatermark", SINGLE),
    ]),
    "laion400m": pa.schema([
        ("SAMPLE_ID", LONG), ("URL", TEXT), ("TEXT", TEXT), ("HEIGHT", INT), ("WIDTH", INT),
        ("LICENSE", TEXT), ("NSFW", TEXT), ("similarity", DOUBLE),
    ]),
    "relaion": pa.schema([
        ("url", TEXT), ("caption", TEXT), ("similarity", DOUBLE), ("hash", LONG),
        ("punsafe", SINGLE), ("pwatermark", SINGLE), ("key", TEXT), ("status", TEXT),
        ("error_message", TEXT), ("width", INT), ("height", INT), ("original_width", INT),
        ("original_height", INT),
    ]),
}  # fmt: skip
"""Table columns by the recipe's ``columns``."""

URL_COLUMN = {"laion2b": "URL", "laion400m": "URL", "relaion": "url"}
"""Which of them holds the address."""


def table_row(
    recipe: CorpusRecipe,
    row: int,
    picture: str,
    url: str | None,
    text: str | None,
    size: tuple[int, int],
) -> dict[str, Any]:
    """A row of the table of addresses.

    Args:
        recipe: says whose columns.
        row: its number.
        picture: what it shows: watermarked and unsafe ones are scored so.
        url: its address.
        text: its text.
        size: width and height of the picture when it was crawled, pixels; 0 is not known.
    """
    draw = generator(recipe.seed, "corpus", "scores", row)
    seen = {
        "url": url,
        "text": text,
        "width": size[0] or draw.randint(64, 2000),
        "height": size[1] or draw.randint(64, 2000),
        "similarity": round(draw.uniform(0.28, 0.42), 6),
        "hash": digest(recipe.seed, "corpus", "hash", row) - 2**63,
        "punsafe": round(_probability(draw.random(), picture == "unsafe"), 5),
        "pwatermark": round(_probability(draw.random(), picture == "watermarked"), 5),
    }
    return _ROWS[recipe.columns](row, seen)


def _probability(chance: float, is_so: bool) -> float:
    """A classifier's score: above 0.8 where it is so, mostly near 0 where it is not."""
    return 0.8 + 0.2 * chance if is_so else 0.4 * chance**4


def _laion2b(_: int, seen: dict[str, Any]) -> dict[str, Any]:
    return {
        "URL": seen["url"],
        "TEXT": seen["text"],
        "WIDTH": seen["width"],
        "HEIGHT": seen["height"],
        **{name: seen[name] for name in ("similarity", "hash", "punsafe", "pwatermark")},
    }


def _laion400m(_: int, seen: dict[str, Any]) -> dict[str, Any]:
    return {
        "SAMPLE_ID": abs(seen["hash"]) % 10**13,
        "URL": seen["url"],
        "TEXT": seen["text"],
        "HEIGHT": seen["height"],
        "WIDTH": seen["width"],
        "LICENSE": "?",
        "NSFW": "NSFW" if seen["punsafe"] > 0.5 else "UNLIKELY",
        "similarity": seen["similarity"],
    }


def _relaion(row: int, seen: dict[str, Any]) -> dict[str, Any]:
    return {
        "url": seen["url"],
        "caption": seen["text"],
        **{name: seen[name] for name in ("similarity", "hash", "punsafe", "pwatermark")},
        "key": f"{row:09d}",
        "status": "success",
        "error_message": None,
        "width": seen["width"],
        "height": seen["height"],
        "original_width": seen["width"],
        "original_height": seen["height"],
    }


_ROWS: dict[str, Callable[[int, dict[str, Any]], dict[str, Any]]] = {
    "laion2b": _laion2b,
    "laion400m": _laion400m,
    "relaion": _relaion,
}
