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

NAME_WIDTH, NAME_HEIGHT = 0.05, 0.02
"""Of a short name, in shares of an axis: points that lie closer share one."""

BINS = 60
"""Of a distribution: fine enough to see two humps, coarse enough for a few hundred samples."""


MOST_ABREAST = 90
"""Letters below an axis that fit side by side; with more, names are turned."""


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
        # Points without a name need no colour of their own; 1,000 one by one take ten seconds.
        alike = [points] if len(points) > MOST_NAMED else [[point] for point in points]
        for number, some in enumerate(alike):
            across, up = [point.x for point in some], [point.y for point in some]
            ax.errorbar(
                across, up,
                xerr=np.abs(np.transpose([point.x_interval for point in some]) - across),
                yerr=np.abs(np.transpose([point.y_interval for point in some]) - up),
                fmt=MARKERS[number % len(MARKERS)], color=OKABE_ITO[number % len(OKABE_ITO)],
                markersize=4.5, linewidth=0.6, ecolor="#c8c8c8", zorder=2,
            )  # fmt: skip
        for place, names in _by_place(points if len(points) <= MOST_NAMED else ()).items():
            more = f" and {len(names) - 2} more" if len(names) > 2 else ""
            ax.annotate(shortened(", ".join(names[:2]) + more), place, (4, 3),
                        textcoords="offset points", fontsize=7)  # fmt: skip
        ax.set(title=title, xlabel=x, ylabel=y, xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
        ax.set_aspect("equal")
        return finish()


def _by_place(points: Sequence[Point]) -> dict[tuple[float, float], list[str]]:
    """Names of the points that lie on one another or nearly so, by place."""
    found: dict[tuple[float, float], list[str]] = {}
    for point in points:
        near = (
            place for place in found
            if abs(place[0] - point.x) < NAME_WIDTH and abs(place[1] - point.y) < NAME_HEIGHT
        )  # fmt: skip
        found.setdefault(next(near, (point.x, point.y)), []).append(point.name)
    return found


def curve_plot(
    title: str, x: str, y: str, curves: Mapping[str, tuple[NDArray[np.floating], ...]]
) -> bytes:
    """Lines of shares with a marker at each value, over whole numbers. PNG.

    Args:
        title: above it.
        x: what the axis across counts.
        y: what the axis up measures, a share.
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
        ax.set_ylim(0, 1.02)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        figure.legend(loc="outside lower center", frameon=False, ncols=min(3, len(curves)))
        return finish()


@dataclass(frozen=True, slots=True)
class Step:
    """A curve's value at one checkpoint, ``low <= value <= high``; ``at`` is samples seen."""

    at: float
    value: float
    low: float
    high: float


def progression_plot(
    title: str, measure: str, curves: Mapping[str, Sequence[Step]], names: Sequence[str] = ()
) -> bytes:
    """Curves over checkpoints with the intervals shaded. PNG.

    Args:
        title: above it.
        measure: what the axis up measures.
        curves: name to its steps, in order.
        names: of the checkpoints, whose steps then lie at 0, 1, 2, ...; none where steps lie at
            the samples that each had seen.
    """
    turned = sum(map(len, names)) > MOST_ABREAST
    with styled(4.4 if turned else 3.4) as (figure, finish):
        ax = figure.subplots()
        for number, (name, steps) in enumerate(curves.items()):
            at = [step.at for step in steps]
            colour = OKABE_ITO[number % len(OKABE_ITO)]
            ax.fill_between(at, [step.low for step in steps], [step.high for step in steps],
                            color=colour, alpha=0.15, linewidth=0)  # fmt: skip
            ax.plot(at, [step.value for step in steps], marker=MARKERS[number % len(MARKERS)],
                    markersize=4, color=colour, linewidth=1.2, label=shortened(name))  # fmt: skip
        ax.grid(axis="y", color="#e4e4e4", linewidth=0.6)
        ax.set(title=title, xlabel="checkpoint" if names else "samples seen", ylabel=measure)
        if names:
            ax.set_xticks(range(len(names)), [shortened(name) for name in names])
            if turned:
                ax.tick_params("x", rotation=25, rotation_mode="anchor")
                for label in ax.get_xticklabels():
                    label.set_horizontalalignment("right")
        else:
            ax.xaxis.set_major_formatter(lambda value, _: _counted(value))
        figure.legend(loc="outside lower center", frameon=False, ncols=min(3, len(curves)))
        return finish()


def _counted(samples: float) -> str:
    """A number of samples as people say it: 2.5 M."""
    for size, unit in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if samples >= size:
            return f"{samples / size:g} {unit}"
    return f"{samples:g}"


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
        width = max(high - low, 1e-6) / BINS
        # The value is an edge: no bar is of both colours.
        first = np.floor((low - at) / width)
        last = max(np.ceil((high - at) / width), first + 1)
        edges = at + width * np.arange(first, last + 1)
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
