"""Licences: their names on the Hub, and what one asks of a set that shows the asset."""

from __future__ import annotations

import re

UNKNOWN = ""
"""Nobody says on what terms an asset may be used."""

_WORDS = (
    (r"creative commons attribution[- ]noncommercial[- ]sharealike", "cc-by-nc-sa"),
    (r"creative commons attribution[- ]noncommercial", "cc-by-nc"),
    (r"creative commons attribution[- ]noderiv\w*", "cc-by-nd"),
    (r"creative commons attribution[- ]sharealike", "cc-by-sa"),
    (r"creative commons attribution", "cc-by"),
    (r"cc[- ]by[- ]nc[- ]sa", "cc-by-nc-sa"),
    (r"cc[- ]by[- ]nc[- ]nd", "cc-by-nc-nd"),
    (r"cc[- ]by[- ]nc", "cc-by-nc"),
    (r"cc[- ]by[- ]nd", "cc-by-nd"),
    (r"cc[- ]by[- ]sa", "cc-by-sa"),
    (r"cc[- ]by", "cc-by"),
)
_PLAIN = (
    (r"cc[- ]?0|public domain|pddl", "cc0-1.0"),
    (r"\bmit\b", "mit"),
    (r"apache.*2", "apache-2.0"),
    (r"\bgpl|gnu general public", "gpl"),
)


def hub_name(words: str) -> str:
    """A licence as the Hub names it, from how a catalogue words it.

    Args:
        words: ``Creative Commons Attribution 3.0 license``, ``CC0``, ``MIT`` and the like.

    Returns:
        ``cc-by-3.0``, ``cc0-1.0``, ``mit``; ``UNKNOWN`` where the words name none.
    """
    text = words.strip().lower()
    for pattern, name in _WORDS:
        if re.search(pattern, text):
            version = re.search(r"\b([1-4]\.[0-9])\b", text)
            return f"{name}-{version[1] if version else '4.0'}"
    return next((name for pattern, name in _PLAIN if re.search(pattern, text)), UNKNOWN)


def conflict(asset: str, whole: str) -> str | None:
    """Why a set under the licence ``whole`` may not show an asset under the licence ``asset``.

    A scene shows its assets changed and put together, so it is a work derived from each.

    Returns:
        What to do, or None where nothing is in the way.
    """
    if "-nd" in asset:
        return "which allows no derived works, and a scene is one: leave it out"
    if "-sa" in asset and asset.rpartition("-")[0] != whole.rpartition("-")[0]:
        return f"which asks the same of the set: write licence: {asset}"
    if "-nc" in asset and "-nc" not in whole:
        return "which allows no commercial use: give the set a licence that says so, such as " \
            "cc-by-nc-4.0"  # fmt: skip
    if "gpl" in asset and "gpl" not in whole:
        return f"which asks the same of the set: write licence: {asset}"
    return None
