"""Every config and split: where its objects stand, and what it looks like."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import groupby

from benchwright.builders.layouts import layouts
from benchwright.cards.facts import Facts
from benchwright.cards.sections.counts import TWINS, SplitCount, split_counts
from benchwright.cards.sections.markdown import code, count, folded, joined
from benchwright.cards.sections.section import SCENES_ONLY, Drawing, Section
from benchwright.recipe import Free

FACTORS = {
    "order": "the caption mentions the objects in another order; the picture is the same",
    "size_swap": "the large object and a small one trade sizes",
    "slot_swap": "two objects trade places",
    "object": "one object is replaced by another",
    "ground": "the ground has another colour",
}
"""Factor to what a twin of it changes."""


def text(facts: Facts) -> str:
    """A folding a config, the first one open to the eye."""
    counts = split_counts(facts)
    about = (
        "The pictures are the first samples by key (a digest, so a random draw) of each split's "
        "first shard, with the first caption of each. Click a config to see its splits."
    )
    foldings = [
        folded(f"{config}: {_scenes(of)}", "\n\n".join(_config(facts, of)))
        for config, group in groupby(counts, lambda split: split.config)
        for of in [list(group)]
    ]
    return joined("" if facts.withheld else about, *foldings)


def figures(facts: Facts) -> Mapping[str, Drawing]:
    """A contact sheet a split, unless images are withheld."""
    from benchwright.cards.figures.pictures import split_sheet

    if facts.withheld:
        return {}
    return {
        _figure(config, split): partial(split_sheet, facts.dataset, config, split)
        for config, split in facts.dataset.splits()
    }


def _figure(config: str, split: str) -> str:
    return f"{config}-{split}.jpg"


def _scenes(splits: list[SplitCount]) -> str:
    scenes = count(sum(split.samples for split in splits), "scene")
    return f"{scenes} in {count(len(splits), 'split')}"


def _config(facts: Facts, splits: list[SplitCount]) -> Iterator[str]:
    subsets = {subset.name: subset for subset in facts.scenes.subsets}
    for split in splits:
        if split.config == TWINS:
            stands = FACTORS.get(split.split, "")
        elif isinstance(layout := subsets[split.config].layout, Free):
            stands = (
                f"{count(layout.count, 'object')} anywhere on the ground without overlap, one at "
                f"scale {layout.large:g}, the others at {layout.small:g}"
            )
        else:
            stands = _slots(layout, split.split)
        yield f"**{code(split.split)}**, {count(split.samples, 'scene')}: {stands}."
        if not facts.withheld:
            where = f"figures/{_figure(split.config, split.split)}"
            yield f"![First scenes of {split.config} / {split.split}]({where})"


def _slots(layout: str, variant: str) -> str:
    slots = layouts()[layout][variant]
    scales = ", ".join(f"{slot.scale:g}" for slot in slots)
    if len(slots) == 1:
        return f"one slot, scale {scales}"
    large = [str(at) for at, slot in enumerate(slots) if slot.size == "large"]
    what = f"the large object in slot {large[0]}" if large else "all of one size"
    return f"{len(slots)} slots of layout {code(layout)}, {what} (scales by slot: {scales})"


SECTION = Section("### Splits", text, figures=figures, kinds=SCENES_ONLY)
