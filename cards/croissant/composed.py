"""What a set of composed scenes says of itself for the Responsible-AI fields."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from benchwright.cards.croissant.statements import Statements
from benchwright.cards.facts import Facts
from benchwright.ledger import Source


def statements(facts: Facts) -> Statements:
    """From the recipe, the balance and the ledger."""
    return Statements(
        collection=_collection(facts),
        collection_types=["Others"],
        raw_data=_sources(facts.sources),
        preprocessing=_encoding(facts),
        annotation=_annotation(facts),
        tools=[],
        biases=list(_balance(facts)),
        limits=_limits(facts),
        uses=_uses(facts),
        personal=_PERSONAL,
    )


_PERSONAL = (
    "The images are composed from the objects that licences.json lists; composing and labelling "
    "them added no data about a person."
)


def _collection(facts: Facts) -> str:
    return (
        f"{sum(facts.dataset.splits().values()):,} images were synthesised by Benchwright "
        f"{facts.build['benchwright']} from recipe.yaml with seed {facts.recipe.seed}; none was "
        f"collected. They show {len(facts.scenes.objects.names)} kinds of objects."
    )


def _sources(sources: list[Source]) -> str:
    """The ledger in a sentence a source: what was taken from it, of whom, on what terms."""
    origin = sorted(sources, key=_terms)
    return " ".join(
        f"{source or 'Unknown source'}, {creator or 'creator unknown'}, "
        f"{terms or 'licence unknown'}: {', '.join(sorted(s.name for s in group))}."
        for (source, creator, terms), group in groupby(origin, key=_terms)
    )


def _terms(source: Source) -> tuple[str, str, str]:
    return source.source, source.creator, source.licence


def _encoding(facts: Facts) -> str:
    image = facts.scenes.image
    encoders = ", ".join(f"{name} {version}" for name, version in facts.build["encoders"].items())
    return f"JPEG of {image.size} x {image.size} pixels, quality {image.quality} ({encoders})."


def _annotation(facts: Facts) -> str:
    return (
        "Labels are exact by construction: objects, boxes, areas and masks follow from the scene "
        "as it was composed, captions from templates "
        f"({', '.join(facts.scenes.captions)}). No person and no model labelled the images."
    )


def _balance(facts: Facts) -> Iterator[str]:
    """How evenly objects take positions and slots, a sentence a split."""
    if facts.scenes.balance == "none":
        yield "Not counterbalanced by design: slots fix the order in which objects are mentioned."
    for config, counts in facts.build["balance"].items():
        for split, cells in counts["splits"].items():
            ranges = [
                f"{factor} {_range(cell['min'], cell['max'])}"
                for factor, cell in cells.items()
                if isinstance(cell, dict)
            ]
            yield f"{config}/{split}, scenes a cell: {'; '.join(ranges) or 'not counted'}."


def _range(low: int, high: int) -> str:
    return f"{low:,} in each" if low == high else f"{low:,} to {high:,}"


def _limits(facts: Facts) -> str:
    names = facts.scenes.objects.names
    return (
        f"Synthetic scenes of {len(names)} kinds of objects, with English captions from "
        f"{len(facts.scenes.captions)} templates: a result on them need not hold for photographs, "
        f"other objects or other words. Objects: {', '.join(names)}."
    )


def _uses(facts: Facts) -> str:
    twins = facts.scenes.twins
    paired = f" Twins differ in exactly one factor ({', '.join(twins.factors)})." if twins else ""
    return (
        "Evaluation of image-text models on scenes of several objects: what position in the "
        f"caption and size in the image do to what a model encodes.{paired} Not made for training."
    )
