"""Which column of a published table is what: detected by name, or mapped by the user.

Names as published: LAION-400M and LAION-2B (SAMPLE_ID, URL, TEXT, HEIGHT, WIDTH, LICENSE, LANGUAGE,
NSFW, similarity), their joined and cleaned successors (hash, punsafe, pwatermark; re-LAION keeps
these), the translated sets (ENG TEXT), DataComp (uid, url, text, original_width, original_height,
clip_b32_similarity_score, sha256), COYO-700M (id, url, text, width, height, clip_similarity_vitb32,
nsfw_score_opennsfw2, watermark_score), and img2dataset's own url and caption.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from benchwright.errors import DatasetError, did_you_mean

URL, CAPTION, ROW, CLASS, CLASSES = "url", "caption", "row", "class", "classes"

PUBLISHED: dict[str, tuple[str, ...]] = {
    URL: ("url", "image_url", "img_url", "image_link"),
    CAPTION: ("eng text", "text", "caption", "alt_text", "alt"),
    CLASS: ("class",),
    "uid": ("uid", "sample_id", "id"),
    "listed_width": ("listed_width", "width", "original_width"),
    "listed_height": ("listed_height", "height", "original_height"),
    "listed_sha256": ("listed_sha256", "sha256"),
    "similarity": ("similarity", "clip_b32_similarity_score", "clip_similarity_vitb32"),
    "hash": ("hash",),
    "punsafe": ("punsafe", "nsfw_score_opennsfw2"),
    "pwatermark": ("pwatermark", "watermark_score"),
    "nsfw": ("nsfw",),
    "licence": ("licence", "license"),
    "creator": ("creator",),
    "language": ("language",),
    "taxon": ("taxon",),
    "observation": ("observation",),
    "cluster": ("cluster",),
}
"""Our name to the published ones, casefolded, the first that is there wins. Width, height and
sha256 get a prefix: img2dataset writes what it saw itself under the plain names."""

TYPES: dict[str, pa.DataType] = {
    "listed_width": pa.int32(),
    "listed_height": pa.int32(),
    "similarity": pa.float64(),
    "punsafe": pa.float64(),
    "pwatermark": pa.float64(),
}
"""Our name to type; all others are text, ``hash`` too: JSON numbers do not hold 64 bits."""


def type_of(column: str) -> pa.DataType:
    """The type that a column of ours has, whatever type it was published in."""
    return TYPES.get(column, pa.string())


def detect(table: str, found: Sequence[str], given: Mapping[str, str]) -> dict[str, str]:
    """Our column name to the table's, for each that it has.

    Args:
        table: its name, for messages.
        found: the table's column names.
        given: our name to the table's, where the user says so.

    Raises:
        DatasetError: there is no column of addresses, or a mapping names what is not there.
    """
    mapped = dict(given)
    for ours, theirs in given.items():
        if ours not in PUBLISHED:
            known = ", ".join(PUBLISHED)
            hint = did_you_mean(ours, PUBLISHED)
            raise DatasetError(f'--column {ours}={theirs}: there is no "{ours}"{hint}; {known}')
        if theirs not in found:
            raise DatasetError(
                f'{table}: has no column "{theirs}"{did_you_mean(theirs, found)}; '
                f"it has {_listed(found)}"
            )
    by_name = {name.casefold(): name for name in reversed(found)}
    for ours, names in PUBLISHED.items():
        match = next((by_name[name] for name in names if name in by_name), None)
        if ours not in mapped and match is not None and match not in given.values():
            mapped[ours] = match
    if URL not in mapped:
        raise DatasetError(
            f"{table}: no column of addresses is known by its name; it has {_listed(found)}; "
            "say which with --column url=NAME (and --column caption=NAME)"
        )
    return mapped


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:30])
    return f"{shown}, ... ({len(names)} in all)" if len(names) > 30 else shown
