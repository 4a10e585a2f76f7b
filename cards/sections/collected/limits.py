"""Known limits of found images, and what follows from them."""

from __future__ import annotations

from benchwright import dataset as files
from benchwright import group_table
from benchwright.cards.facts import Facts
from benchwright.cards.sections.collected.counted import named, per_class
from benchwright.cards.sections.markdown import code, count, joined, paragraph, words
from benchwright.cards.sections.section import FOUND, Section
from benchwright.sample_kinds import IMPORTED, MINED

FEW = 30
"""Images of a class's group below which its share has a 95 % interval of more than a third."""


def text(facts: Facts) -> str:
    """Limits, then recommendations."""
    card = facts.recipe.card
    limits = _of_imports() if facts.kind.name == IMPORTED.name else _of_groups(facts)
    return joined(
        "\n".join(f"- {limit}" for limit in limits), paragraph(card.limitations),
        "### Recommendations",
        "\n".join(f"- {advice}" for advice in _advice(facts)), paragraph(card.recommendations),
    )  # fmt: skip


def _of_imports() -> list[str]:
    return [
        "Objects are what a file's name says: no box, mask or area is known, nor whether each is "
        "seen.",
        "The originals' design confounds mention order with slot, and size with place.",
        "Names that the originals misspell (motor, ski, umberella) are mended here, so scores "
        "differ from those measured with the misspelt words.",
    ]


def _of_groups(facts: Facts) -> list[str]:
    probes = named(facts.tally("probe.model"))
    limits = [
        "A background goes with scale, pose and view: birds in the sky fly. A drop between groups "
        "is not the effect of the background alone.",
        "Captions, folders and judges err; what of the labels is wrong is not known image by "
        "image.",
        "The images are what their collections hold: their makers, places and seasons are not a "
        "sample of the world.",
    ]
    if (facts.folder / files.GROUPS).is_file():
        rows = group_table.read(facts.folder)
        missed = [row for row in rows if not row.confirmed]
        limits.append(
            f"Groups were chosen by {words([code(name) for name in probes]) or 'one model'}: other "
            "models lose less on them on average, since their own worst backgrounds are others."
        )
        if missed:
            limits.append(f"{count(len(missed), 'pair was', 'pairs were')} not confirmed.")
    else:
        limits.append(
            "The groups were not tested on images that had no part in choosing them: drops are too "
            "large on average (the winner's curse)."
        )
    return limits


def _advice(facts: Facts) -> list[str]:
    advice = [
        "Report every share with its n and an interval.",
        "Compare models on the same version, and name it.",
    ]
    if facts.kind.name == MINED.name:
        few = sum(number < FEW for number in per_class(facts).values())
        advice.append("Report the mean over classes beside the mean over images: classes differ.")
        if few:
            advice.append(
                f"{count(few, 'group has', 'groups have')} fewer than {FEW} images: do not quote "
                "such a class alone."
            )
    return advice


SECTION = Section("## Bias, Risks, and Limitations", text, kinds=FOUND)
