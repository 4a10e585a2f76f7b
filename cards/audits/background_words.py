"""Backgrounds in descriptions: "a fox in the snow" describes the snow as well."""

from __future__ import annotations

import re
from functools import cache

from benchwright.curation.labelling.background_files import SHIPPED, shipped

PLACES = r"(?:in|on|at|by|under|against|among|along|near|over|beside|through|across|above)"
BETWEEN = r"(?:\w+\s+){0,3}?"
"""Words between a place's preposition and its noun: "in the deep white snow"."""


def backgrounds_in(text: str) -> tuple[str, ...]:
    """What of the shipped backgrounds a text places its thing in or on, in order of mention."""
    return tuple(match.group(1).lower() for match in _pattern().finditer(text))


@cache
def _pattern() -> re.Pattern[str]:
    nouns = {
        phrase.split()[-1]
        for name in SHIPPED
        for background in shipped(name).backgrounds.values()
        for phrase in background.phrases
    }
    listed = "|".join(sorted(map(re.escape, nouns), key=len, reverse=True))
    return re.compile(rf"\b{PLACES}\s+{BETWEEN}({listed})\b", re.IGNORECASE)
