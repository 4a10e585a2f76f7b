"""``CHANGELOG.md``: what each version added, removed and changed, and why. The newest is on top."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from benchwright.cards.changes import KINDS, Changes
from benchwright.cards.facts import Facts
from benchwright.cards.payload import CHANGES
from benchwright.cards.sections.markdown import code, escape, paragraph, table
from benchwright.cards.version import Version
from benchwright.dataset import MANIFEST

HEADING = "# Change log\n"

NAMED = 20
"""Keys that an entry names for each reason; the table of changes has all."""

REASONS = 20
"""Reasons that an entry names for each kind of change, the commonest first."""

MAX_CHARACTERS = 1_000_000
"""Of a published change log that are carried on; beyond, somebody has put something else there."""


def unreleased(facts: Facts) -> str:
    """The change log of a set that has not been published."""
    return f"{HEADING}\n{escape(facts.recipe.title)} has not been published yet.\n"


def entry(version: Version, changes: Changes, note: str) -> str:
    """What a version changes, in Markdown.

    Args:
        version: its number.
        changes: against the version before.
        note: what a person has to say of it, Markdown; may be empty.
    """
    parts = [f"## {version}", paragraph(note), _summary(version, changes)]
    if changes.table.num_rows and not is_first(changes):
        parts += [
            _counts(changes),
            *(_reasons(changes, kind) for kind in KINDS),
        ]
        parts.append(f"Every key, with the reason: `{CHANGES}/{version}.parquet`.")
    return "\n\n".join(part for part in parts if part) + "\n"


def with_entry(published: str | None, entry: str) -> str:
    """The change log of a version: its entry above those of the versions before."""
    earlier = (published or "")[:MAX_CHARACTERS].removeprefix(HEADING).strip()
    return f"{HEADING}\n{entry}" + (f"\n{earlier}\n" if earlier else "")


def is_first(changes: Changes) -> bool:
    """Whether there is no version before."""
    return not changes.unchanged and changes.table["why"].unique().to_pylist() == ["first version"]


def _summary(version: Version, changes: Changes) -> str:
    if is_first(changes):
        return f"The first version: {changes.table.num_rows:,} samples, all in `{MANIFEST}`."
    if not changes.table.num_rows:
        return f"All {changes.unchanged:,} samples are as they were."
    counts = [f"{changes.count(kind):,} {kind}" for kind in KINDS]
    return f"Samples: {', '.join(counts)}; {changes.unchanged:,} as they were."


def _counts(changes: Changes) -> str:
    of_kinds = [_by_split(changes.of(kind)) for kind in KINDS]
    places = sorted({place for of_kind in of_kinds for place in of_kind})
    return table(("config", "split", *KINDS), [
        (escape(config), escape(split), *(f"{n.get((config, split), 0):,}" for n in of_kinds))
        for config, split in places
    ])  # fmt: skip


def _by_split(rows: pa.Table) -> dict[tuple[str, str], int]:
    counted = rows.group_by(["config", "split"]).aggregate([("key", "count")]).to_pylist()
    return {(row["config"], row["split"]): row["key_count"] for row in counted}


def _reasons(changes: Changes, kind: str) -> str:
    rows = changes.of(kind)
    counted = rows.group_by("why").aggregate([("key", "count")]).to_pylist()
    ordered = sorted(counted, key=lambda row: (-row["key_count"], row["why"]))
    lines = []
    for row in ordered[:REASONS]:
        keys = rows.filter(pc.equal(rows["why"], row["why"]))["key"][:NAMED].to_pylist()
        more = ", ..." if row["key_count"] > NAMED else ""
        named = ", ".join(map(code, keys)) + more
        lines.append(f"- {row['key_count']:,} {kind}, {escape(row['why'])}: {named}")
    if rest := ordered[REASONS:]:
        count = sum(row["key_count"] for row in rest)
        lines.append(f"- {count:,} {kind} for {len(rest):,} further reasons")
    return "\n".join(lines)
