"""Plots of audits: points of two accuracies against each other, curves, and distributions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchwright.cards.figures.palette import OKABE_ITO
from benchwright.cards.figures.plots import MARKERS, shortened, styled

MOST_NAMED = 50
"""Points that bear their name; more would cover each other."""

BINS = 60
"""Of a distribution: fine enough to see two humps, coarse enough for a few hundred samples."""


@dataclass(frozen=True, slots=True)
class Point:
    """Two figures of one thing, each with its interval ``(low, high)``; shares."""

    name: str
    x: float
    y: float
    x_interval: tuple[float, float]
    y_interval: tuple[float, float]


def scatter_plot(title: str, x: str, y: str, points: Sequence[Point]) -> bytes:
    """Points with whiskers both ways, and the line on which both figures are equal. PNG.

    Args:
        title: above it.
        x: what the axis across measures.
        y: what the axis up measures.
        points: at least one.
    """
    with styled(6.4) as (figure, finish):
        ax = figure.subplots()
        ax.plot((0, 1), (0, 1), color="#b0b0b0", linewidth=0.8, zorder=0)
        for number, point in enumerate(points):
            ax.errorbar(
                [point.x], [point.y],
                xerr=[[point.x - point.x_interval[0]], [point.x_interval[1] - point.x]],
                yerr=[[point.y - point.y_interval[0]], [point.y_interval[1] - point.y]],
                fmt=MARKERS[number % len(MARKERS)], color=OKABE_ITO[number % len(OKABE_ITO)],
                markersize=4.5, linewidth=0.6, ecolor="#c8c8c8", zorder=2,
            )  # fmt: skip
        for (across, up), names in _by_place(points).items():
            if len(points) <= MOST_NAMED:
                said = names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
                ax.annotate(shortened(said), (across, up), (4, 3),
                            textcoords="offset points", fontsize=7)  # fmt: skip
        ax.set(title=title, xlabel=x, ylabel=y, xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
        ax.set_aspect("equal")
        return finish()


def _by_place(points: Sequence[Point]) -> dict[tuple[float, float], list[str]]:
    """Names of the points that lie on one another, by place."""
    found: dict[tuple[float, float], list[str]] = {}
    for point in points:
        found.setdefault((round(point.x, 2), round(point.y, 2)), []).append(point.name)
    return found


def curve_plot(
    title: str, x: str, y: str, curves: Mapping[str, tuple[NDArray[np.floating], ...]]
) -> bytes:
    """Lines with a marker at each value, over whole numbers. PNG.

    Args:
        title: above it.
        x: what the axis across counts.
        y: what the axis up measures.
        curves: name to its x and y values.
    """
    from matplotlib.ticker import MaxNLocator

    with styled(3.2) as (figure, finish):
        ax = figure.subplots()
        for number, (name, (across, up)) in enumerate(curves.items()):
            ax.plot(across, up, marker=MARKERS[number % len(MARKERS)], markersize=3.5,
                    color=OKABE_ITO[number % len(OKABE_ITO)], linewidth=1.2,
                    label=shortened(name))  # fmt: skip
        ax.grid(axis="y", color="#e4e4e4", linewidth=0.6)
        ax.set(title=title, xlabel=x, ylabel=y)
        ax.set_ylim(bottom=0)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        figure.legend(loc="outside lower center", frameon=False, ncols=min(3, len(curves)))
        return finish()


def distribution_plot(title: str, x: str, values: NDArray[np.floating], at: float) -> bytes:
    """A histogram, what lies below a value in another colour. PNG.

    Args:
        title: above it.
        x: what is distributed.
        values: at least one.
        at: the value that parts the colours.
    """
    with styled(2.6) as (figure, finish):
        ax = figure.subplots()
        low, high = float(values.min()), float(values.max())
        edges = np.linspace(low, high if high > low else low + 1e-6, BINS + 1)
        for colour, part, name in ((OKABE_ITO[3], values[values <= at], "not above"),
                                   (OKABE_ITO[0], values[values > at], "above")):  # fmt: skip
            ax.hist(
                part.tolist(),
                edges.tolist(),
                color=colour,
                alpha=0.8,
                label=f"{name} {at:g}: {len(part):,}",
            )
        ax.axvline(at, color="#404040", linewidth=0.8)
        ax.set(title=title, xlabel=x, ylabel="images")
        ax.legend(frameon=False)
        return finish()
