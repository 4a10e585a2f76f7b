"""Known limits that hold for what is in the folder, and what follows from them."""

from __future__ import annotations

from benchwright.cards.facts import Facts
from benchwright.cards.sections.counts import split_counts
from benchwright.cards.sections.markdown import count, joined, paragraph
from benchwright.cards.sections.section import SCENES_ONLY, Section
from benchwright.recipe import Free, Recipe

FEW = 100
"""Samples of a split below which a share near one half has a 95 % interval wider than 0.2."""

CAMERAS = {"tilted": "above the horizon and tilted down", "top": "looking straight down"}


def text(facts: Facts) -> str:
    """Limits, then recommendations."""
    card = facts.recipe.card
    return joined(
        "\n".join(f"- {limit}" for limit in _limits(facts)), paragraph(card.limitations),
        "### Recommendations",
        "\n".join(f"- {advice}" for advice in _advice(facts)), paragraph(card.recommendations),
    )  # fmt: skip


def _limits(facts: Facts) -> list[str]:
    recipe = facts.scenes
    ground = "chosen backgrounds" if recipe.backgrounds else "a plain ground"
    limits = [
        f"The scenes are synthetic: {count(len(recipe.objects.names), 'kind')} of objects on "
        f"{ground}. What holds for them need not hold for photographs.",
        _camera(recipe),
        "Captions are templates in English; nobody would write them.",
    ]
    if recipe.render == "blender":
        limits.append(
            "Images repeat byte for byte on one Blender version and kind of machine only."
        )
    elif recipe.objects.look == "baked":
        limits.append(
            "Scenes are composed from sprites: shadows and reflections between objects are lost. "
            "Scenes of SIMCO's shapes under the tilted camera, compared with whole path-traced "
            "renders, had a median of 48.7 dB PSNR with objects apart (n = 40) and 40.1 dB with "
            "objects that overlap (n = 5)."
        )
    else:
        limits.append("Objects are flat silhouettes without shading or shadow.")
    if recipe.balance == "none":
        limits.append("The originals' design confounds mention order with slot and object.")
    if recipe.limit is not None:
        limits.append(f"`limit: {recipe.limit}` cuts every split short, so it is not balanced.")
    if any(s.variants != "all" and not isinstance(s.layout, Free) for s in recipe.subsets):
        limits.append("Some subsets use only some variants of their layout: there, size goes with "
                      "place.")  # fmt: skip
    if any(isinstance(s.layout, Free) for s in recipe.subsets):
        limits.append("Freely placed scenes are balanced by mention order, not by place.")
    return limits


def _camera(recipe: Recipe) -> str:
    where = CAMERAS[recipe.camera]
    if recipe.render == "blender":
        return f"The camera is in perspective, {where}: an object farther away is smaller."
    return (
        f"The camera is orthographic, {where}: distance does not shrink an object, and there is no "
        "horizon."
    )


def _advice(facts: Facts) -> list[str]:
    few = [split for split in split_counts(facts) if split.samples < FEW]
    advice = [
        "Report every share with its n and an interval.",
        "Compare models on the same version, and name it.",
        "Use the measured `visible_area` where the question is size: `large` is a role.",
    ]
    if few:
        advice.append(
            f"{count(len(few), 'split has', 'splits have')} fewer than {FEW} scenes: a share near "
            "one half in such a split has a 95 % interval more than 0.19 wide."
        )
    return advice


SECTION = Section("## Bias, Risks, and Limitations", text, kinds=SCENES_ONLY)
