"""The truth of a corpus: what each row of its table is, and what must become of it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa

from benchwright.builders.corpus import kinds
from benchwright.builders.corpus.answers import until_healed
from benchwright.builders.corpus.drawn import Drawn
from benchwright.builders.corpus.planning import Planned
from benchwright.corpus_recipe import CorpusRecipe

SCHEMA = pa.schema([
    pa.field(name, kind, nullable=False)
    for name, kind in (
        ("row", pa.int64()),  # its place in corpus.parquet
        ("url", pa.string()),  # "" where the table has none
        ("host", pa.string()),  # without the port; "" where the address has none
        ("text", pa.string()),
        ("picture", pa.string()),  # scene, a kind of the recipe's `pictures`, or unseen
        ("delivery", pa.string()),  # plain, or a kind of the recipe's `failures` or `detours`
        ("wording", pa.string()),  # named, synonym, wrong, several, nameless, foreign, missing
        ("cls", pa.string()),  # what the picture shows; "" where it shows nothing or does not come
        ("classes", pa.list_(pa.string())),  # all that it shows
        ("background", pa.string()),
        ("captioned", pa.string()),  # the class that the text names, or ""
        ("format", pa.string()),  # of the file; "" where there is no picture
        ("width", pa.int32()),  # of the file, pixels, as stored
        ("height", pa.int32()),
        ("subject_scale", pa.float32()),  # the objects' visible share of the picture
        ("scene", pa.string()),  # key of the scene that the picture was cut from
        ("file", pa.string()),  # below pages/; "" where nothing is served
        ("sha256", pa.string()),  # of the file
        ("duplicate_of", pa.int64()),  # the row whose address or bytes these are, or -1
        ("near_duplicate_of", pa.int64()),  # the row whose picture this was, or -1
        ("cluster", pa.int64()),  # of all rows with one picture, the first or the original
        ("expected", pa.string()),  # "downloaded", or the reason that it must be left out for
        ("stage", pa.string()),  # which must say so: download, caption or curation; else ""
        ("heals_after", pa.int32()),  # requests refused before one is answered
        ("until_then", pa.string()),  # the reason that those are refused for
    )
])  # fmt: skip
"""One row a row of ``corpus.parquet``, in its order; no nulls."""


def truth_row(
    recipe: CorpusRecipe,
    planned: Planned,
    url: str | None,
    text: str | None,
    drawn: Drawn | None,
    first_placeholder: int,
) -> dict[str, Any]:
    """A row of the truth.

    Args:
        recipe: of the corpus.
        planned: the row.
        url: as in the table.
        text: as in the table.
        drawn: what its address serves, if anything.
        first_placeholder: the first row that shows the placeholder.
    """
    expected, stage = kinds.expected(planned.picture, planned.delivery, planned.wording)
    refused = until_healed(recipe, planned)
    shows = drawn is not None and drawn.scene != ""
    is_near = planned.picture == "near_duplicate"
    is_placeholder = planned.picture == "placeholder"
    return {
        "row": planned.row,
        "url": url or "",
        "host": _host(url or ""),
        "text": text or "",
        "picture": planned.picture,
        "delivery": planned.delivery,
        "wording": planned.wording,
        "cls": planned.classes[0] if shows and planned.classes else "",
        "classes": planned.classes if shows else (),
        "background": planned.background if shows else "",
        "captioned": planned.captioned,
        "format": planned.form if drawn and drawn.width else "",
        "width": drawn.width if drawn else 0,
        "height": drawn.height if drawn else 0,
        "subject_scale": drawn.subject_scale if drawn else 0.0,
        "scene": drawn.scene if drawn else "",
        "file": drawn.file if drawn else "",
        "sha256": drawn.sha256 if drawn else "",
        "duplicate_of": -1 if is_near else planned.of,
        "near_duplicate_of": planned.of if is_near else -1,
        "cluster": first_placeholder if is_placeholder else planned.drawn_as,
        "expected": expected,
        "stage": stage,
        "heals_after": 1 if refused else 0,
        "until_then": refused.value if refused else "",
    }


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""
