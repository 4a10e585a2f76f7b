"""The first screen of found images: what the set is, how to load it, how much there is."""

from __future__ import annotations

from benchwright import dataset as files
from benchwright import group_table
from benchwright.cards.facts import Facts
from benchwright.cards.sections.collected.counted import split_counts
from benchwright.cards.sections.collected.examples import first_figure
from benchwright.cards.sections.counts import megabytes
from benchwright.cards.sections.markdown import code, count, joined, paragraph, table
from benchwright.cards.sections.section import FOUND, Section
from benchwright.sample_kinds import MINED

SPLIT_COLUMNS = ("config", "split", "images", "MB", "labels that differ")
"""Header of the table that lint holds against the manifest."""


def text(facts: Facts) -> str:
    """Summary, pictures, how to load, sizes."""
    figure = first_figure(facts)
    shown = f"![Images of the set]({figure})" if figure else ""
    return joined(
        _summary(facts), paragraph(facts.recipe.card.summary), shown, _loading(facts), _sizes(facts)
    )


def _summary(facts: Facts) -> str:
    counts = split_counts(facts)
    images = count(sum(split.samples for split in counts), "image")
    size = megabytes(sum(split.bytes for split in counts))
    splits = count(len(counts), "split")
    withheld = "The images are withheld: what is published names them, where they were found, and "
    withheld += "the digest by which each is known."
    said = [withheld] if facts.withheld else []
    if facts.kind.name != MINED.name:
        about = "Pictures of several named objects that others made, imported as they are."
        return " ".join([f"**{images}** in {splits} ({size} MB).", about, *said])
    about = (
        f"**{images}** of {count(len(facts.kind.classes), 'class', 'classes')} in {splits} "
        f"({size} MB): photographs grouped by background, to measure how far CLIP models lean on "
        "the background of what they name."
    )
    return " ".join([about, *_pairs(facts), *said])


def _pairs(facts: Facts) -> list[str]:
    if not (facts.folder / files.GROUPS).is_file():
        origin = ", ".join(sorted(name for name in facts.tally("source.dataset") if name))
        return [f"The groups are those of {code(origin)}; no test of them was made here."]
    rows = group_table.read(facts.folder)
    confirmed = [row for row in rows if row.confirmed]
    return [
        f"{count(len(confirmed), 'pair')} of backgrounds of {len(rows)} tested "
        f"{'was' if len(confirmed) == 1 else 'were'} confirmed on images that had no part in "
        "choosing them."
    ]


def _loading(facts: Facts) -> str:
    config, split = next(iter(facts.dataset.splits()))
    release = facts.release
    place = f"{release.repository}@{release.version}" if release else "path/to/this/folder"
    if facts.withheld:
        return (
            f"```sh\nbenchwright pull {place} --out here\nbenchwright import references here "
            "--downloads downloads --out rebuilt  # see How to Rebuild\n```"
        )
    member = f'images[0]["{facts.kind.picture}"], images[0]["json"]'
    ours = (
        f'import benchwright as bw\n\nimages = bw.load("{place}", "{config}", split="{split}")\n'
        f"{member}"
    )
    repository = release.repository if release else place
    if "://" in repository:
        return f"```python\n{ours}\n```"
    pinned = f', revision="{release.version.tag}"' if release else ""
    return (
        f"```python\n{ours}\n\n# or without Benchwright\nfrom datasets import load_dataset\n\n"
        f'images = load_dataset("{repository}", "{config}", split="{split}"{pinned})\n```'
    )


def _sizes(facts: Facts) -> str:
    return table(SPLIT_COLUMNS, [
        (code(s.config), code(s.split), f"{s.samples:,}", megabytes(s.bytes), f"{s.labels:,}")
        for s in split_counts(facts)
    ])  # fmt: skip


SECTION = Section("# Dataset Card for {title}", text, kinds=FOUND)
