"""Why and of what the set was made, how it was labelled, and whom it shows."""

from __future__ import annotations

from collections.abc import Iterable

from benchwright.cards.facts import Facts
from benchwright.cards.sections.markdown import code, count, escape, joined, paragraph, words
from benchwright.cards.sections.section import SCENES_ONLY, Section
from benchwright.recipe import Objects

ORIGINALS = (
    "It is made in the manner of SIMCO and ComCO "
    "([Abbasi et al. 2025](https://arxiv.org/abs/2502.19842)), multi-object scenes that showed how "
    "CLIP prefers the first-mentioned and the largest object, and mends what made their results "
    "hard to read:"
)
MENDED = (
    "labels were file names, and boxes came from a detector; here each object's box, mask, areas, "
    "occlusion and depth are what the composer drew;",
    '"large" was the name of a slot; here the visible area is recorded;',
    "pictures and captions used different words, some misspelt; here one list serves both;",
    "there was no seed, no manifest, and no licence of the meshes; here all are recorded.",
)
COUNTERBALANCED = (
    "captions were combinations of one fixed list, so mention order went with the object; here "
    "every object takes every mention position;",
    "the large object had one place a subset, so size went with place; here every variant of a "
    "layout that the recipe lists puts it elsewhere;",
)
ORIGINAL_DESIGN = (
    "Mention order goes with the slot, as in the originals: the recipe asks for `balance: none`."
)

CHECKED = (
    "`benchwright verify` holds every sample against its record: each shard's and sample's sha256, "
    "the record against its schema and its key, every box, area and occlusion against the mask, "
    "full areas against masks composed again, every count against the tables."
)


def text(facts: Facts) -> str:
    """The template's headings on creation."""
    card = facts.recipe.card
    producers = words([escape(who) for who in sorted({s.creator for s in facts.sources} - {""})])
    return joined(
        "### Curation Rationale", _rationale(facts), paragraph(card.rationale),
        "### Source Data",
        "#### Data Collection and Processing", _processing(facts), paragraph(card.collection),
        "#### Who are the source data producers?",
        f"The objects were made by {producers or 'authors whom the licence ledger does not name'}; "
        "nothing was collected from people.",
        "### Annotations",
        "#### Annotation process",
        "No person and no model annotated anything: every label is computed from the scene as it "
        "was laid out and composed.", CHECKED, paragraph(card.annotation),
        "#### Who are the annotators?",
        "There are none.",
        "#### Personal and Sensitive Information",
        "No person was photographed, named or annotated, and no data were collected from anyone.",
        paragraph(card.personal),
    )  # fmt: skip


def _rationale(facts: Facts) -> str:
    balanced = facts.scenes.balance == "counterbalanced"
    mended = (*COUNTERBALANCED, *MENDED) if balanced else MENDED
    points = "\n".join(f"- {point}" for point in mended)
    return joined(ORIGINALS, points, "" if balanced else ORIGINAL_DESIGN)


def _processing(facts: Facts) -> str:
    recipe = facts.scenes
    look = (
        "a mesh, rendered with the whole scene by Blender's Cycles"
        if recipe.render == "blender"
        else "path-traced once, with its shadow and the light it throws on the ground"
        if recipe.objects.look == "baked"
        else "a flat silhouette"
    )
    of_twins = [recipe.twins.ground] if recipe.twins else []
    grounds = dict.fromkeys([*(recipe.backgrounds or [recipe.ground]), *of_twins])
    return (
        f"Objects: {words([escape(name) for name in recipe.objects.names])}; each is {look}. A "
        "scene is laid out as data by the design, all random choices from seed "
        f"{recipe.seed}: which objects stand in which slot, {_looks(recipe.objects)}, and in which "
        f"order they are mentioned. It is then drawn at {recipe.image.size} x "
        f"{recipe.image.size} px on a ground of {_codes(grounds)}, and saved as JPEG of quality "
        f"{recipe.image.quality}. Captions are written from the templates "
        f"{_codes(recipe.captions)}."
    )


def _looks(objects: Objects) -> str:
    """How an object's turn, lean, colour and material are chosen."""
    turned = {"front": "facing the camera", "any": "at any yaw of the sprite atlas"}
    yaw = turned.get(str(objects.yaw)) or f"at one of {count(len(objects.yaw), 'yaw')}"
    leaning = ", ".join(f"{tilt}" for tilt in objects.tilt)
    lean = "" if objects.tilt == [0] else f", leaning by one of {leaning} degrees"
    return (
        f"{yaw}{lean}, in which colour ({_codes(objects.colours)}) and material "
        f"({_codes(objects.materials)}) where it has none of its own"
    )


def _codes(values: Iterable[str]) -> str:
    return words([code(value) for value in values])


SECTION = Section("## Dataset Creation", text, kinds=SCENES_ONLY)
