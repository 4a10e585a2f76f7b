"""Ways to tell the objects of a picture apart: by role, by area, by how far ahead, by place."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from benchwright.cards.audits.object_ranks import Grouping
from benchwright.cards.audits.pictures import Pictures
from benchwright.cards.audits.shares import ordinal

RATIOS = (1.0, 1.5, 3.0, 6.0, np.inf)
"""Bounds of the largest object's visible area by the next one's; the originals have 6 to 13."""


def picture_groupings(group: Pictures) -> list[Grouping]:
    """By role in the layout, by visible area, by how far the largest is ahead, and by slot."""
    count = group.objects
    small = [f"small {k}" for k in range(1, count)] if count > 2 else ["small"]
    ordered, ratios = group.area_ranks(), group.area_ratios()
    bins = np.searchsorted(RATIOS, ratios, side="right") - 1
    ahead = np.where((ordered == 0) & ~np.isnan(ratios)[:, None], bins[:, None], -1)
    labels = [
        f"largest, {low:g} to {high:g} times the next" if np.isfinite(high)
        else f"largest, over {low:g} times the next"
        for low, high in pairwise(RATIOS)
    ]  # fmt: skip
    return [
        Grouping(("large", *small), group.size_roles()),
        Grouping(tuple(f"{ordinal(k)} by visible area" for k in range(count)), ordered),
        Grouping(tuple(labels), ahead),
        Grouping(tuple(f"in slot {k}" for k in range(count)), group.slots),
    ]
