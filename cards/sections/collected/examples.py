"""What the images look like: a row a class and a column a group, or split by split."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from benchwright.cards.facts import Facts
from benchwright.cards.sections.collected.counted import per_class
from benchwright.cards.sections.markdown import code, count, escape, folded, joined, words
from benchwright.cards.sections.section import FOUND, Drawing, Section
from benchwright.sample_kinds import MINED

CLASSES_A_FIGURE = 4
"""Rows of a figure: below 150 kB with three pictures a group."""


def text(facts: Facts) -> str:
    """The figures, all but the first folded."""
    if facts.withheld:
        return "The images are withheld; `benchwright show` draws them once the set is rebuilt."
    about = (
        "The pictures are the first by key (a digest, so a random draw) of each "
        f"{'class and group' if facts.kind.name == MINED.name else 'split'}"
    )
    more = (
        ", with the background and, where a model was asked, what it took the subject for."
        if facts.kind.name == MINED.name
        else ", with the objects that the file's name lists."
    )
    shown = [f"**{title}**\n\n![{title}](figures/{name})" for name, title in _named(facts)]
    rest = "\n\n".join(shown[1:])
    title = count(len(shown) - 1, "more sheet")
    return joined(about + more, shown[0], folded(title, rest) if rest else "")


def figures(facts: Facts) -> Mapping[str, Drawing]:
    """A contact sheet every few classes, or a split, unless images are withheld."""
    from benchwright.cards.figures.pictures import class_sheet, split_sheet

    if facts.withheld:
        return {}
    if facts.kind.name != MINED.name:
        return {
            f"{config}-{split}.jpg": partial(split_sheet, facts.dataset, config, split)
            for config, split in facts.dataset.splits()
        }
    return {
        f"classes-{number}.jpg": partial(class_sheet, facts.dataset, names)
        for number, names in _pages(facts)
    }


def first_figure(facts: Facts) -> str:
    """Path of the figure for the first screen; "" where images are withheld."""
    return "" if facts.withheld else f"figures/{next(_named(facts))[0]}"


def _named(facts: Facts) -> Iterator[tuple[str, str]]:
    """File name and title of each figure."""
    if facts.kind.name == MINED.name:
        for number, names in _pages(facts):
            yield f"classes-{number}.jpg", words([escape(name) for name in names])
    else:
        for config, split in facts.dataset.splits():
            yield f"{config}-{split}.jpg", f"{code(config)} / {code(split)}"


def _pages(facts: Facts) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Number of a figure and its classes, those without samples left out."""
    held = {name for name, _ in per_class(facts)}
    classes = [name for name in facts.kind.classes if name in held]
    for at in range(0, len(classes), CLASSES_A_FIGURE):
        yield at // CLASSES_A_FIGURE + 1, tuple(classes[at : at + CLASSES_A_FIGURE])


SECTION = Section("### Examples", text, figures=figures, kinds=FOUND)
