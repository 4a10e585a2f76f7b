"""Where found images are from, who labelled them and how, and whom they may show."""

from __future__ import annotations

from benchwright import dataset as files
from benchwright.cards.facts import Facts
from benchwright.cards.sections.collected.counted import named
from benchwright.cards.sections.markdown import code, count, escape, joined, paragraph, words
from benchwright.cards.sections.section import FOUND, Section
from benchwright.collected_recipe import ImportRecipe
from benchwright.sample_kinds import MINED

RATIONALE = (
    "It is made in the manner of CounterAnimal "
    "([Wang et al. 2024](https://arxiv.org/abs/2403.11497)), which showed that CLIP models lose "
    "accuracy on animals photographed on unusual backgrounds, and records what that set leaves "
    "out: who says what an image shows, the image's source, creator and licence, and which half of "
    "the images chose a pair and which half tested it."
)
IMPORTED_RATIONALE = (
    "The pictures are those of a published set. They were imported so that audits of Benchwright "
    "run on them; nothing about them was measured anew."
)
SOURCES = {
    "caption": "the caption that came with it",
    "folder": "the folder it lay in",
    "metadata": "its metadata",
    "judge": "a model that is not the one under test",
    "person": "a person",
}
"""What ``class_source`` says, in words."""

CHECKED = (
    "`benchwright verify` holds every sample against its record: each shard's and sample's sha256, "
    "the record against its schema, the key against the image's digest, the image's size, its "
    "label and group against the tables, and all that was looked at against what is in the set and "
    "what was left out."
)
PERSONAL = (
    "The images were found, not taken for this set. They may show people, or things that tell of "
    "people, and nobody was asked; files that were stored as they came keep what their makers' "
    "devices wrote into them. No person was searched for, named or annotated. Whoever is shown, or "
    "made an image, can have it withdrawn: see Dataset Card Contact."
)


def text(facts: Facts) -> str:
    """The template's headings on creation."""
    card, imported = facts.recipe.card, isinstance(facts.recipe, ImportRecipe)
    return joined(
        "### Curation Rationale", IMPORTED_RATIONALE if imported else RATIONALE,
        paragraph(card.rationale),
        "### Source Data",
        "#### Data Collection and Processing", _processing(facts), paragraph(card.collection),
        "#### Who are the source data producers?", _producers(facts),
        "### Annotations",
        "#### Annotation process", _process(facts), CHECKED, paragraph(card.annotation),
        "#### Who are the annotators?", _annotators(facts),
        "#### Personal and Sensitive Information", PERSONAL, paragraph(card.personal),
    )  # fmt: skip


def _processing(facts: Facts) -> str:
    origins = facts.tally("source.dataset")
    listed = [f"{code(name)} ({origins[name]:,})" for name in named(origins)]
    stored = (
        "Images are stored as the PNG files they were."
        if facts.kind.picture == "png"
        else "JPEG files are stored as they were; others were converted to JPEG of quality "
        f"{facts.build['quality']}, and the digest of the original is kept."
    )
    with_url = facts.records.num_rows - facts.tally("source.url")[""]
    return (
        f"The images are from {words(listed) or 'collections that are not named'}; "
        f"{with_url:,} of {facts.records.num_rows:,} have the address they were fetched from. "
        f"{stored} What was looked at and left out is counted under Left Out."
    )


def _producers(facts: Facts) -> str:
    if facts.withheld or not (creators := named(facts.tally("creator"))):
        return f"Whoever is named in `{files.LICENCES}`; where nobody is, the source names nobody."
    return (
        f"{count(len(creators), 'creator')} whom the records name, each in `{files.LICENCES}` with "
        "the terms of their images."
    )


def _process(facts: Facts) -> str:
    if facts.kind.name != MINED.name:
        return "Objects are those that the file's name lists; sizes are those its folder states."
    sources = facts.tally("class_source")
    said = [f"{SOURCES[name]} ({sources[name]:,})" for name in named(sources)]
    judges, probes = named(facts.tally("judge.model")), named(facts.tally("probe.model"))
    vouched = (
        f"{_codes(judges)} vouched for classes and named the backgrounds; "
        f"{_codes(probes)} is under test and labelled nothing."
        if judges
        else "No model vouched for the labels; backgrounds are those of the source."
    )
    return f"An image's class is that of {words(said)}. {vouched}"


def _annotators(facts: Facts) -> str:
    if facts.kind.name != MINED.name:
        return "Whoever named the files."
    sources = named(facts.tally("class_source"))
    judges = named(facts.tally("judge.model"))
    reviewed = facts.records.num_rows - facts.tally("review")[""]
    who = [
        *(["those who made the source's folders"] if "folder" in sources else []),
        *(["those who wrote captions and metadata of the web"]
          if {"caption", "metadata"} & {*sources} else []),
        *([f"the model {_codes(judges)}"] if judges else []),
    ]  # fmt: skip
    people = f" People reviewed {count(reviewed, 'image')}." if reviewed else ""
    return f"{(words(who) or 'not named').capitalize()}.{people}"


def _codes(names: list[str]) -> str:
    return words([code(escape(name)) for name in names])


SECTION = Section("## Dataset Creation", text, kinds=FOUND)
