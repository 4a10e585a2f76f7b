"""The rows of a text set: everything that follows from the names a caption mentions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from benchwright.builders.captions import caption
from benchwright.text_schema import ORDINALS

Names = tuple[str, ...]
Contrast = dict[str, str]

KEPT, SWAPPED = "kept", "swapped"
CONTRASTS = (
    (SWAPPED, ""),
    (KEPT, "first"),
    (KEPT, "last"),
    (SWAPPED, "first"),
    (SWAPPED, "last"),
)
"""Beside the caption itself, the rest of the 2 x 2 of mention order and replaced object."""


def columns(
    mentioned: Sequence[Names], absent: Sequence[str], sizes: Mapping[str, str], template: str
) -> dict[str, list[Any]]:
    """Columns of ``text_schema.CAPTION``, a pure function of what the captions name.

    Args:
        mentioned: the objects of each caption, first mentioned first.
        absent: for each caption an object it does not name, or "".
        sizes: real-world size of each object.
        template: ``bare``, ``short`` or ``long``.
    """
    texts = [_text(names, template) for names in mentioned]
    return {
        "key": [
            _key(template, names, missing, text)
            for names, missing, text in zip(mentioned, absent, texts, strict=True)
        ],
        "text": texts,
        "template": [template] * len(texts),
        "objects": [len(names) for names in mentioned],
        "names": [list(names) for names in mentioned],
        "sizes": [[sizes[name] for name in names] for names in mentioned],
        **{
            ordinal: [names[place] if place < len(names) else "" for names in mentioned]
            for place, ordinal in enumerate(ORDINALS)
        },
        "absent": list(absent),
        "contrasts": [
            contrasts(names, missing, template) if missing else []
            for names, missing in zip(mentioned, absent, strict=True)
        ],
    }


def contrasts(names: Names, absent: str, template: str) -> list[Contrast]:
    """The captions that image-text matching sets against one another.

    The published scenarios change mention order and the wrong object together; here each of the
    two varies alone. ``swapped`` exchanges the first and the last mentioned object (a right
    caption still); ``replaced`` says which of the two, by its place in the caption as it is, the
    absent object stands in for.
    """
    return [
        {
            "text": _text(_contrasting(names, absent, order, replaced), template),
            "order": order,
            "replaced": replaced,
        }
        for order, replaced in CONTRASTS
    ]


def _contrasting(names: Names, absent: str, order: str, replaced: str) -> Names:
    first = absent if replaced == "first" else names[0]
    last = absent if replaced == "last" else names[-1]
    outer = (first, last) if order == KEPT else (last, first)
    return (outer[0], *names[1:-1], outer[1])


def _text(names: Names, template: str) -> str:
    return caption(names, template, tuple(range(len(names)))).text


def _key(template: str, names: Iterable[str], absent: str, text: str) -> str:
    """First 16 hex digits of the sha256 of what a row says; names hold no control characters."""
    content = "\n".join((template, *names, absent, text))
    return hashlib.sha256(content.encode()).hexdigest()[:16]
