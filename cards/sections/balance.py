"""How balanced the set came out, counted from its scenes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from benchwright.cards.facts import Facts
from benchwright.cards.sections.counts import TWINS, span
from benchwright.cards.sections.markdown import code, count, folded, joined, table, words
from benchwright.cards.sections.section import SCENES_ONLY, Drawing, Section

FIGURE = "balance.png"
MENTION, SLOT = "object x mention", "object x slot"
MOST_POSITIONS = 24
"""Mention positions in one figure, over its configs: two lines of panels, below 150 kB."""


def text(facts: Facts) -> str:
    """The verdict, the figure, the table."""
    rows = _rows(facts)
    panels = _panels(facts)
    configs = words([config for config, _, _ in panels])
    shown = (
        f"![Scenes of {configs} by object and mention position](figures/{FIGURE})\n\n"
        f"The figure counts the scenes of {configs} in which an object is mentioned at a position."
        if panels
        else ""
    )
    columns = ("config", "split", "scenes", "of an object at a mention position", "in a slot")
    return joined(
        _verdict(facts, rows),
        shown,
        folded("Least and greatest number of scenes, split by split", table(columns, [
            (code(config), code(split), f"{counts['scenes']:,}", _span(counts, MENTION),
             _span(counts, SLOT))
            for config, split, counts in rows
        ])),
        _sizes(facts),
    )  # fmt: skip


def figures(facts: Facts) -> Mapping[str, Drawing]:
    """Objects by mention position, a panel a config of several objects."""
    from benchwright.cards.figures.plots import Panel, balance_plot

    panels = [Panel(config, names, counts) for config, names, counts in _panels(facts)]
    return {FIGURE: partial(balance_plot, panels)} if panels else {}


def _rows(facts: Facts) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (config, split, counts)
        for config, tables in facts.build["balance"].items()
        if config != TWINS
        for split, counts in tables["splits"].items()
    ]


def _span(counts: dict[str, Any], measure: str) -> str:
    found = counts.get(measure)
    return span(found["min"], found["max"]) if found else "free placement"


def _verdict(facts: Facts, rows: list[tuple[str, str, dict[str, Any]]]) -> str:
    worst = {
        measure: max((counts[measure]["spread"] for _, _, counts in rows if measure in counts),
                     default=0)
        for measure in (MENTION, SLOT)
    }  # fmt: skip
    if facts.scenes.limit is not None:
        why = f" The recipe's `limit: {facts.scenes.limit}` cuts splits short of their balance."
    elif facts.scenes.balance == "none":
        why = " The recipe asks for the originals' own design (`balance: none`)."
    else:
        why = ""
    said = {
        measure: "equally often"
        if not spread
        else f"equally often but for {count(spread, 'scene')}"
        for measure, spread in worst.items()
    }
    return (
        f"Counted over {count(len(rows), 'split')}: within a split every object is mentioned "
        f"{said[MENTION]} at each position, and stands {said[SLOT]} in each slot.{why} Twins "
        "follow their originals and are not counted."
    )


def _sizes(facts: Facts) -> str:
    """Size role by slot, over a config's splits: whether size goes with place."""
    rows = []
    for config, tables in facts.build["balance"].items():
        roles = tables["union"].get("size x slot", {})
        if config != TWINS and {"large", "small"} <= roles.keys():
            rows.append((code(config), *(span(roles[role]["min"], roles[role]["max"])
                                         for role in ("large", "small"))))  # fmt: skip
    if not rows:
        return ""
    columns = ("config", "large objects a slot", "small objects a slot")
    about = "Over a config's splits, least and greatest number of objects of a size in a slot:"
    return joined(about, table(columns, rows))


def _panels(facts: Facts) -> list[tuple[str, tuple[str, ...], NDArray[np.int64]]]:
    """Config, its objects, and how often each is mentioned at each position; the first configs."""
    names, panels, positions = tuple(facts.scenes.objects.names), [], 0
    for config in dict.fromkeys(config for config, _ in facts.dataset.splits()):
        counts = _counts(facts, config, names)
        positions += counts.shape[1]
        if config == TWINS or positions > MOST_POSITIONS:
            break
        if counts.shape[1] > 1:
            panels.append((config, names, counts))
    return panels


def _counts(facts: Facts, config: str, names: tuple[str, ...]) -> NDArray[np.int64]:
    """Scenes of a config by object and mention position."""
    lists = facts.manifest.filter(pc.equal(facts.manifest["config"], config))["objects"]
    lengths = pc.list_value_length(lists).to_numpy()
    held = pc.index_in(pc.list_flatten(lists), value_set=pa.array(names, pa.string())).to_numpy()
    starts = np.repeat(np.cumsum(lengths) - lengths, lengths)
    counts = np.zeros((len(names), lengths.max()), np.int64)
    np.add.at(counts, (held.astype(int), np.arange(len(held)) - starts), 1)
    return counts


SECTION = Section("### Factor Balance", text, figures=figures, kinds=SCENES_ONLY)
