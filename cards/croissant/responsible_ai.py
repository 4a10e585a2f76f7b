"""The Responsible-AI fields of Croissant: first what the folder shows, then what its maker adds."""

from __future__ import annotations

from benchwright.cards.croissant import composed, found
from benchwright.cards.facts import Facts


def responsible_ai(facts: Facts) -> dict[str, str | list[str]]:
    """Field name to text, or texts where the vocabulary asks for a list.

    The paragraphs of ``card:`` in the recipe follow the measured sentences of their field.
    """
    card = facts.recipe.card
    said = found.statements(facts) if facts.kind.collected else composed.statements(facts)
    fields: dict[str, str | list[str]] = {
        "dataCollection": _paragraphs(said.collection, card.collection),
        "dataCollectionType": said.collection_types,
        "dataCollectionMissingData": _missing(facts),
        "dataCollectionRawData": said.raw_data,
        "dataPreprocessingProtocol": [said.preprocessing],
        "dataAnnotationProtocol": _list(said.annotation, card.annotation),
        "machineAnnotationTools": [f"Benchwright {facts.build['benchwright']}", *said.tools],
        "dataBiases": said.biases,
        "dataLimitations": _list(
            said.limits, card.limitations, card.out_of_scope, card.recommendations
        ),
        "dataUseCases": _list(said.uses, card.uses),
        "dataSocialImpact": _IMPACT,
        "personalSensitiveInformation": _list(said.personal, card.personal),
        "dataReleaseMaintenancePlan": _paragraphs(_RELEASES, card.maintenance, _contact(facts)),
    }
    return {f"rai:{name}": text for name, text in fields.items()}


_IMPACT = (
    "The set shows failures of vision-language models so that they can be repaired or avoided. "
    "A good score on it does not show that a model is fit for any other use."
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


def _missing(facts: Facts) -> str:
    taken = len(facts.recipe.withdrawn)
    withdrawn = f"{taken:,} samples were withdrawn, each for the reason in recipe.yaml."
    return _paragraphs("Every sample has all its members and fields.", withdrawn if taken else "")


def _contact(facts: Facts) -> str:
    contact = facts.recipe.card.contact
    return f"Contact: {contact}" if contact else ""
