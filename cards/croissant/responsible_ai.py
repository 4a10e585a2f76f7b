"""The Responsible-AI fields of Croissant: first what the folder shows, then what its maker adds."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from benchwright.cards.facts import Facts
from benchwright.ledger import Source


def responsible_ai(facts: Facts) -> dict[str, str | list[str]]:
    """Field name to text, or texts where the vocabulary asks for a list.

    The paragraphs of ``card:`` in the recipe follow the measured sentences of their field.
    """
    card = facts.recipe.card
    fields: dict[str, str | list[str]] = {
        "dataCollection": _paragraphs(_collection(facts), card.collection),
        "dataCollectionType": ["Others"],
        "dataCollectionMissingData": _missing(facts),
        "dataCollectionRawData": _sources(facts.sources),
        "dataPreprocessingProtocol": [_encoding(facts)],
        "dataAnnotationProtocol": _list(_annotation(facts), card.annotation),
        "machineAnnotationTools": [f"Benchwright {facts.build['benchwright']}"],
        "dataBiases": list(_balance(facts)),
        "dataLimitations": _list(
            _limits(facts), card.limitations, card.out_of_scope, card.recommendations
        ),
        "dataUseCases": _list(_uses(facts), card.uses),
        "dataSocialImpact": _IMPACT,
        "personalSensitiveInformation": _list(_PERSONAL, card.personal),
        "dataReleaseMaintenancePlan": _paragraphs(_RELEASES, card.maintenance, _contact(facts)),
    }
    return {f"rai:{name}": text for name, text in fields.items()}


_IMPACT = (
    "The set shows failures of vision-language models so that they can be repaired or avoided. "
    "A good score on it does not show that a model is fit for any other use."
)
_PERSONAL = (
    "The images are composed from the objects that licences.json lists; composing and labelling "
    "them added no data about a person."
)
_RELEASES = (
    "Published versions are tagged MAJOR.MINOR.PATCH (samples removed or changed, samples added, "
    "words mended) and stay available. CHANGELOG.md says what each changed and why; withdrawn "
    "samples stay out of later versions, with the reason in recipe.yaml."
)


def _list(*paragraphs: str) -> list[str]:
    return [text.strip() for text in paragraphs if text.strip()]


def _paragraphs(*paragraphs: str) -> str:
    return "\n\n".join(_list(*paragraphs))


def _collection(facts: Facts) -> str:
    return (
        f"{sum(facts.dataset.splits().values()):,} images were synthesised by Benchwright "
        f"{facts.build['benchwright']} from recipe.yaml with seed {facts.recipe.seed}; none was "
        f"collected. They show {len(facts.recipe.objects.names)} kinds of objects."
    )


def _missing(facts: Facts) -> str:
    taken = len(facts.recipe.withdrawn)
    withdrawn = f"{taken:,} samples were withdrawn, each for the reason in recipe.yaml."
    return _paragraphs("Every sample has all its members and fields.", withdrawn if taken else "")


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
    image = facts.recipe.image
    encoders = ", ".join(f"{name} {version}" for name, version in facts.build["encoders"].items())
    return f"JPEG of {image.size} x {image.size} pixels, quality {image.quality} ({encoders})."


def _annotation(facts: Facts) -> str:
    return (
        "Labels are exact by construction: objects, boxes, areas and masks follow from the scene "
        "as it was composed, captions from templates "
        f"({', '.join(facts.recipe.captions)}). No person and no model labelled the images."
    )


def _balance(facts: Facts) -> Iterator[str]:
    """How evenly objects take positions and slots, a sentence a split."""
    if facts.recipe.balance == "none":
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
    names = facts.recipe.objects.names
    return (
        f"Synthetic scenes of {len(names)} kinds of objects, with English captions from "
        f"{len(facts.recipe.captions)} templates: a result on them need not hold for photographs, "
        f"other objects or other words. Objects: {', '.join(names)}."
    )


def _uses(facts: Facts) -> str:
    twins = facts.recipe.twins
    paired = f" Twins differ in exactly one factor ({', '.join(twins.factors)})." if twins else ""
    return (
        "Evaluation of image-text models on scenes of several objects: what position in the "
        f"caption and size in the image do to what a model encodes.{paired} Not made for training."
    )


def _contact(facts: Facts) -> str:
    contact = facts.recipe.card.contact
    return f"Contact: {contact}" if contact else ""
