"""Plots of a card, drawn without any global state so that the same numbers give the same bytes."""

from __future__ import annotations

import io
import textwrap
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from benchwright.cards.audits.result import FEWEST
from benchwright.cards.figures.palette import OKABE_ITO, SIGNATURE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

WIDTH, DPI = 8.0, 140
"""Inches and dots an inch: 1,120 px, shown at the Hub's 800 px with letters of 12 px and more."""

STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 9.5,
    "text.parse_math": False,  # names come from recipes and models: a dollar is a dollar
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 9.5,
    "axes.titlelocation": "left",
    "axes.edgecolor": "#6b6b6b",
    "xtick.color": "#404040",
    "ytick.color": "#404040",
}
MARKERS = "osD^vPX"
MOST_LABELLED = 40
"""Objects whose names and counts are written into a table; more would overlap."""

MOST_COLUMNS = 14
"""Mention positions side by side: numbers of four digits then fit their cells."""

MOST_LETTERS = 32
"""Of a name beside a plot."""

MOST_WRAPPED = 38
"""Of each of the two lines of a row's name."""

COLOURS = 256
"""Of a saved plot, shades of the letters' edges included."""

SPREAD = 0.5
"""Colours of a table run from 1 - this to 1 + this times an even share."""


@dataclass(frozen=True, slots=True)
class Panel:
    """A table of counts, objects by mention position.

    Attributes:
        title: above it.
        rows: names of the objects.
        counts: int [objects, positions].
    """

    title: str
    rows: tuple[str, ...]
    counts: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A group's estimate with its interval, ``low <= value <= high``.

    Attributes:
        n: samples it rests on, which are then said and, where too few, shown; 0 to say nothing.
    """

    group: str
    value: float
    low: float
    high: float
    n: int = 0

    @property
    def is_thin(self) -> bool:
        """Whether it is said to rest on too few samples to conclude from."""
        return 0 < self.n < FEWEST


@contextmanager
def styled(height: float) -> Iterator[tuple[Figure, Callable[[], bytes]]]:
    """A figure in our style, and what turns it into the bytes of a PNG."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context(STYLE):
        figure = Figure((WIDTH, height), DPI, layout="constrained")
        yield figure, lambda: _png(figure)


def _png(figure: Figure) -> bytes:
    """A third of the bytes that matplotlib writes: a plot has few colours."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    drawn, file, info = io.BytesIO(), io.BytesIO(), PngInfo()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a name's letter that the font lacks
        figure.savefig(drawn, format="png")
    info.add_text("Software", SIGNATURE.decode())
    picture = Image.open(drawn).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    picture.save(file, "PNG", optimize=True, pnginfo=info)
    return file.getvalue()


def balance_plot(panels: Sequence[Panel]) -> bytes:
    """How often each object is mentioned at each position, against an even share. PNG."""
    most = max(len(panel.rows) for panel in panels)
    lines = _lines(panels)
    with styled(len(lines) * (1.1 + 0.17 * min(most, MOST_LABELLED))) as (figure, finish):
        parts = figure.subfigures(len(lines), 1, squeeze=False)[:, 0]
        for part, line in zip(parts, lines, strict=True):
            _draw_line(part, line)
        return finish()


def _lines(panels: Sequence[Panel]) -> list[list[Panel]]:
    """Panels in lines of at most ``MOST_COLUMNS`` mention positions."""
    lines: list[list[Panel]] = [[]]
    for panel in panels:
        columns = sum(other.counts.shape[1] for other in lines[-1]) + panel.counts.shape[1]
        if lines[-1] and columns > MOST_COLUMNS:
            lines.append([])
        lines[-1].append(panel)
    return lines


def _draw_line(part: SubFigure, panels: Sequence[Panel]) -> None:
    widths = [panel.counts.shape[1] + 0.6 for panel in panels]
    axes = part.subplots(1, len(panels), width_ratios=widths, squeeze=False)[0]
    for number, (ax, panel) in enumerate(zip(axes, panels, strict=True)):
        share = panel.counts / max(panel.counts.mean(), 1e-9)
        image = ax.imshow(share, "PuOr", vmin=1 - SPREAD, vmax=1 + SPREAD, aspect="auto")
        ax.set_title(panel.title)
        ax.set_xticks(range(share.shape[1]), [str(1 + at) for at in range(share.shape[1])])
        ax.set_yticks([])
        if len(panel.rows) <= MOST_LABELLED:
            _write_counts(ax, panel.counts, share)
            if number == 0:
                ax.set_yticks(range(len(panel.rows)), [shortened(name) for name in panel.rows])
        ax.tick_params(length=0)
    part.supxlabel("mention position", fontsize=9.5)
    bar = part.colorbar(image, ax=list(axes), ticks=(1 - SPREAD, 1, 1 + SPREAD), pad=0.02)
    bar.set_label("scenes / even share")


def shortened(name: str) -> str:
    """A name that leaves room for the plot."""
    return name if len(name) <= MOST_LETTERS else f"{name[: MOST_LETTERS - 3]}..."


def _write_counts(ax: Axes, counts: NDArray[np.int64], share: NDArray[np.float64]) -> None:
    for (row, column), count in np.ndenumerate(counts):
        dark = abs(share[row, column] - 1) > 0.7 * SPREAD
        ax.text(column, row, f"{count:,}", ha="center", va="center", fontsize=7.5,
                color="white" if dark else "#303030")  # fmt: skip


def area_plot(areas: Mapping[str, Sequence[float]], occluded: Sequence[float]) -> bytes:
    """Distributions of objects' visible areas by size role, and of what is hidden of them. PNG.

    Args:
        areas: role to visible areas, % of the image.
        occluded: hidden share of every object, 0-1.
    """
    with styled(2.6) as (figure, finish):
        left, right = figure.subplots(1, 2, width_ratios=(2, 1))
        shown = [value for values in areas.values() for value in values if value > 0]
        edges = np.geomspace(min(shown), max(shown) * 1.001, 41)
        for colour, (role, values) in zip(OKABE_ITO, areas.items(), strict=False):
            left.hist(values, edges, histtype="stepfilled", color=colour, alpha=0.45, label=role)
            left.hist(values, edges, histtype="step", color=colour)
        left.set_xscale("log")
        left.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
        left.set(xlabel="visible area, % of the image (log scale)", ylabel="objects")
        left.legend(title="size role", frameon=False)
        right.hist([100 * value for value in occluded], np.linspace(0, 100, 21), color=OKABE_ITO[0])
        right.set(xlabel="hidden by others, %", ylabel="objects (log scale)", yscale="log")
        right.yaxis.set_major_formatter(lambda value, _: f"{value:,g}")
        return finish()


def interval_plot(
    title: str, measure: str, models: Mapping[str, Sequence[Estimate]], groups: Sequence[str]
) -> bytes:
    """Dots and whiskers: a row a group, a colour and marker a model. PNG.

    Args:
        title: above it.
        measure: what the axis measures.
        models: to the estimates of groups; those of too few samples are drawn hollow.
        groups: the rows, from the top.
    """
    with styled(1.5 + (0.16 + 0.14 * len(models)) * len(groups)) as (figure, finish):
        ax = figure.subplots()
        for number, (model, estimates) in enumerate(models.items()):
            found = [estimate for estimate in estimates if estimate.group in groups]
            down = (number - (len(models) - 1) / 2) * 0.7 / len(models)
            style: dict[str, Any] = {
                "fmt": MARKERS[number % len(MARKERS)], "color": OKABE_ITO[number % len(OKABE_ITO)],
                "markersize": 4.5, "capsize": 2.5, "linewidth": 1.2,
            }  # fmt: skip
            ax.errorbar([], [], xerr=([], []), **style, label=shortened(model))
            for thin in (False, True):
                some = [estimate for estimate in found if estimate.is_thin == thin]
                values = np.array([estimate.value for estimate in some])
                below = values - [estimate.low for estimate in some]
                above = [estimate.high for estimate in some] - values
                rows = [groups.index(estimate.group) + down for estimate in some]
                fill = "white" if thin else style["color"]
                ax.errorbar(values, rows, xerr=(below, above), markerfacecolor=fill, **style)
        said = [row_label(group, models) for group in groups]
        ax.set_yticks(range(len(groups)), said, linespacing=0.95)
        ax.set_ylim(len(groups) - 0.4, -0.6)
        ax.axvline(0, color="#b0b0b0", linewidth=0.8, zorder=0)
        ax.grid(axis="x", color="#e4e4e4", linewidth=0.6)
        thin = any(e.is_thin for estimates in models.values() for e in estimates)
        few = f"\nhollow: fewer than {FEWEST} samples, too few to conclude" if thin else ""
        ax.set(title=title, xlabel=f"{measure}, 95 % intervals{few}")
        figure.legend(loc="outside lower center", frameon=False, ncols=min(3, len(models)))
        return finish()


def row_label(group: str, models: Mapping[str, Sequence[Estimate]]) -> str:
    """A group in two lines at most, and on how many samples its estimates rest.

    Args:
        group: what the row is of; cut short where two lines do not hold it.
        models: to the estimates of groups, this one among them.
    """
    sizes = sorted({e.n for estimates in models.values() for e in estimates if e.group == group})
    counted = [f"{size:,}" for size in sizes if size]
    rests = f", n = {' to '.join(dict.fromkeys((counted[0], counted[-1])))}" if counted else ""
    lines = textwrap.wrap(group, MOST_WRAPPED) or [""]
    if len(lines) == 1 and len(group + rests) > MOST_WRAPPED:
        return f"{group}\n{rests.removeprefix(', ')}"
    if len(lines) > 2 or len(lines[-1] + rests) > MOST_WRAPPED:
        lines = [lines[0], textwrap.shorten(" ".join(lines[1:]), MOST_WRAPPED - len(rests),
                                            placeholder="...")]  # fmt: skip
    return "\n".join(lines) + rests
