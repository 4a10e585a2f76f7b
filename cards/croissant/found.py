"""What a set of found images says of itself for the Responsible-AI fields."""

from __future__ import annotations

from collections.abc import Iterator

from benchwright.cards.croissant.statements import Statements
from benchwright.cards.facts import Facts
from benchwright.cards.sections.collected.counted import named, per_class
from benchwright.cards.sections.collected.creation import PERSONAL, SOURCES
from benchwright.cards.sections.collected.uses import OF_GROUPS, OF_PICTURES
from benchwright.sample_kinds import MINED


def statements(facts: Facts) -> Statements:
    """From the records, the ledger and the counts of what was left out."""
    mined = facts.kind.name == MINED.name
    judges = named(facts.tally("judge.model")) if mined else []
    fetched = set(facts.tally("source.url")) - {""}
    return Statements(
        collection=_collection(facts),
        collection_types=["Web Scraping"] if fetched else ["Secondary Data Analysis"],
        raw_data=_raw(facts),
        preprocessing=_encoding(facts),
        annotation=_of_classes(facts) if mined else "Objects are those that file names list.",
        tools=judges,
        biases=list(_sizes(facts)) if mined else ["The originals fix mention order by slot."],
        limits="Images of a few collections, selected and labelled partly by machines: a result on "
        "them need not hold for others. A background goes with scale, pose and view.",
        uses=" ".join(OF_GROUPS if mined else OF_PICTURES),
        personal=PERSONAL,
    )


def _collection(facts: Facts) -> str:
    build = facts.build
    left = sum(build["rejected"].values())
    return (
        f"{build['looked_at']:,} images were looked at; {left:,} were left out, each with its "
        "reason in rejects.parquet."
    )


def _raw(facts: Facts) -> str:
    origins = facts.tally("source.dataset")
    listed = ", ".join(f"{name} ({origins[name]:,} images)" for name in named(origins))
    licences = facts.tally("licence")
    terms = ", ".join(f"{name or 'unknown'} ({licences[name]:,})" for name in sorted(licences))
    return f"{listed or 'Collections that are not named'}. Licences of the images: {terms}."


def _encoding(facts: Facts) -> str:
    encoders = ", ".join(f"{name} {version}" for name, version in facts.build["encoders"].items())
    if facts.kind.picture == "png":
        return "PNG files as they were found."
    return (
        "JPEG files as they were found; other formats encoded as JPEG of quality "
        f"{facts.build['quality']} ({encoders})."
    )


def _of_classes(facts: Facts) -> str:
    sources = facts.tally("class_source")
    said = ", ".join(f"{SOURCES[name]} ({sources[name]:,})" for name in named(sources))
    return f"The class of an image is that of {said}. Backgrounds are the judge's or the source's."


def _sizes(facts: Facts) -> Iterator[str]:
    """How unequal classes are, a sentence a split."""
    counts = per_class(facts)
    for split in dict.fromkeys(split for _, split in facts.dataset.splits()):
        sizes = [number for (_, of), number in counts.items() if of == split]
        yield f"{split}: {min(sizes):,} to {max(sizes):,} images a class, {len(sizes)} classes."
