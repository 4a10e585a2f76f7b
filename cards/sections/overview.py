"""The first screen: what the set is, what it looks like, how to load it, how much there is."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby

from benchwright.cards.facts import Facts
from benchwright.cards.sections.counts import TWINS, SplitCount, megabytes, span, split_counts
from benchwright.cards.sections.markdown import code, count, folded, joined, paragraph, table
from benchwright.cards.sections.section import SCENES_ONLY, Drawing, Section

FIGURE = "overview.jpg"
SPLIT_COLUMNS = ("config", "split", "scenes", "MB", "objects a scene")
"""Header of the table that lint holds against the manifest."""

MOST_SPLITS = 15
"""Rows that leave the first screen a first screen; more are folded below a row a config."""


def text(facts: Facts) -> str:
    """Summary, overview picture, how to load, sizes."""
    withheld = facts.withheld
    picture = f"![Scenes of the set, and the labels of one](figures/{FIGURE})"
    return joined(
        _summary(facts),
        paragraph(facts.recipe.card.summary),
        "" if withheld else picture,
        _loading(facts),
        _sizes(facts),
    )


def figures(facts: Facts) -> Mapping[str, Drawing]:
    """The overview, unless images are withheld."""
    from benchwright.cards.figures.pictures import overview

    return {} if facts.withheld else {FIGURE: lambda: overview(facts.dataset)}


def _summary(facts: Facts) -> str:
    counts, recipe = split_counts(facts), facts.scenes
    scenes = sum(split.samples for split in counts)
    size = megabytes(sum(split.bytes for split in counts))
    objects = span(min(s.fewest for s in counts), max(s.most for s in counts))
    look = "path-traced sprites" if recipe.objects.look == "baked" else "flat silhouettes"
    made = (
        f"**{count(scenes, 'synthetic scene')}** of {objects} objects, of "
        f"{count(len(recipe.objects.names), 'kind')}, in {count(len(counts), 'split')} "
        f"({size} MB), composed from {look} to measure how CLIP models treat the objects of a "
        "picture and of a caption: by mention order, by size and by place."
    )
    known = (
        "Boxes, masks, areas, occlusion, depth and captions are computed from the scene; nothing "
        "was annotated by hand."
    )
    balanced = (
        "Objects, slots and mention orders are counterbalanced."
        if recipe.balance == "counterbalanced" and recipe.limit is None
        else "The design is not counterbalanced."
    )
    pairs = sum(split.samples for split in counts if split.config == TWINS)
    twins = (
        f"{count(pairs, 'scene is a twin', 'scenes are twins')} that "
        f"{'differs' if pairs == 1 else 'differ'} from another scene in exactly one factor."
    )
    withheld = "The images are withheld: what is published names them and how to rebuild them."
    return " ".join([
        made, known, balanced, *([twins] if pairs else []),
        *([withheld] if recipe.payload == "references" else []),
    ])  # fmt: skip


def _loading(facts: Facts) -> str:
    config, split = next(iter(facts.dataset.splits()))
    release = facts.release
    place = f"{release.repository}@{release.version}" if release else "path/to/this/folder"
    ours = (
        f'import benchwright as bw\n\nscenes = bw.load("{place}", "{config}", split="{split}")'
        '\nscenes[0]["jpg"], scenes[0]["json"]["captions"]'
    )
    if facts.withheld:
        ours = "benchwright build recipe.yaml --out rebuilt"
        return f"```sh\n{ours}  # draws every image again; see How to Rebuild\n```"
    repository = release.repository if release else place
    if "://" in repository:
        return f"```python\n{ours}\n```"
    pinned = f', revision="{release.version.tag}"' if release else ""
    return (
        f"```python\n{ours}\n\n# or without Benchwright\nfrom datasets import load_dataset\n\n"
        f'scenes = load_dataset("{repository}", "{config}", split="{split}"{pinned})\n```'
    )


def _sizes(facts: Facts) -> str:
    counts = split_counts(facts)
    full = table(SPLIT_COLUMNS, [
        (code(s.config), code(s.split), f"{s.samples:,}", megabytes(s.bytes), s.objects)
        for s in counts
    ])  # fmt: skip
    if len(counts) <= MOST_SPLITS:
        return full
    short = table(("config", "splits", "scenes", "MB", "objects a scene"), [
        _of_config(config, list(group)) for config, group in groupby(counts, lambda s: s.config)
    ])  # fmt: skip
    return joined(short, folded(f"All {len(counts)} splits", full))


def _of_config(config: str, splits: list[SplitCount]) -> tuple[str, ...]:
    return (
        code(config),
        f"{len(splits)}",
        f"{sum(s.samples for s in splits):,}",
        megabytes(sum(s.bytes for s in splits)),
        span(min(s.fewest for s in splits), max(s.most for s in splits)),
    )


SECTION = Section("# Dataset Card for {title}", text, figures=figures, kinds=SCENES_ONLY)
