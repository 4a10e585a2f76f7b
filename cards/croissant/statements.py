"""What a folder shows of itself for the Responsible-AI fields, whatever its samples are."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Statements:
    """Measured sentences, by field.

    Attributes:
        collection: how the images came about.
        collection_types: in the vocabulary's own words.
        raw_data: of what, by whom, on what terms.
        preprocessing: what was done to the images.
        annotation: who or what labelled them.
        tools: models that labelled them.
        biases: what is over- or under-represented, a sentence each.
        limits: what a result on the set does not show.
        uses: what it was made for.
        personal: what it may tell of people.
    """

    collection: str
    collection_types: list[str]
    raw_data: str
    preprocessing: str
    annotation: str
    tools: list[str]
    biases: list[str]
    limits: str
    uses: str
    personal: str
