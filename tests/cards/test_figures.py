"""Figures: light, readable, the same bytes from the same numbers."""

import io

import numpy as np
import pytest
from built_set import carded  # noqa: F401
from PIL import Image

from benchwright.cards.audits.result import FEWEST
from benchwright.cards.figures import pictures
from benchwright.cards.figures.palette import OKABE_ITO, SIGNATURE
from benchwright.cards.figures.plots import (
    MOST_WRAPPED,
    Estimate,
    Panel,
    area_plot,
    balance_plot,
    interval_plot,
    row_label,
    shortened,
)
from benchwright.dataset import Dataset

LIGHT, WIDE = 150_000, 1_200


def _balance():
    counts = np.random.default_rng(0).integers(1500, 2200, (18, 6))
    names = tuple(f"object {at}" for at in range(18))
    return balance_plot([Panel(f"config {at}", names, counts) for at in range(4)])


def _areas():
    draws = np.random.default_rng(0).lognormal(size=500)
    return area_plot({"large": list(draws * 5), "small": list(draws)}, [0.0] * 900 + [0.5] * 100)


def _intervals():
    estimates = [
        Estimate(f"cost ${at} a_b", at / 30, at / 30 - 0.1, at / 30 + 0.2) for at in range(30)
    ]
    return interval_plot(
        "audit", "drop", {f"model $x_{m}$" * 5: estimates for m in range(7)},
        [estimate.group for estimate in estimates],
    )  # fmt: skip


PLOTS = {"balance": _balance, "areas": _areas, "intervals": _intervals}


@pytest.mark.parametrize("plot", PLOTS.values(), ids=PLOTS)
def test_a_plot_is_light_signed_and_the_same_every_time(plot):
    drawn = plot()
    picture = Image.open(io.BytesIO(drawn))
    assert drawn == plot()
    assert (picture.format, picture.width <= WIDE) == ("PNG", True)
    assert len(drawn) <= LIGHT
    assert SIGNATURE in drawn[:1024]


@pytest.mark.parametrize(
    ("group", "sizes", "said"),
    [
        ("all", (0,), ["all"]),
        ("2 objects, large", (72, 72), ["2 objects, large, n = 72"]),
        ("two objects, of which one is large", (1234, 60),
         ["two objects, of which one is large", "n = 60 to 1,234"]),
        ("4 objects, large replaced rather than a small one", (500,),
         ["4 objects, large replaced rather than", "a small one, n = 500"]),
        ("4 objects, first mentioned replaced rather than the last (interaction)", (18,),
         ["4 objects, first mentioned replaced", "rather than the last..., n = 18"]),
        ("n" * 200, (7,), None),
    ],
)  # fmt: skip
def test_a_row_says_its_group_and_its_samples_in_two_lines(group, sizes, said):
    other = Estimate("another", 0, 0, 0, 9)
    models = {f"of {n}": [Estimate(group, 0.5, 0.4, 0.6, n), other] for n in sizes}
    lines = row_label(group, models).split("\n")
    assert lines == said or (said is None and len(lines) == 2 and lines[-1].endswith("n = 7"))
    assert all(len(line) <= MOST_WRAPPED for line in lines)


def test_an_estimate_of_too_few_samples_is_drawn_hollow():
    def coloured(n):
        drawn = interval_plot("t", "m", {"model": [Estimate("g", 0.5, 0.5, 0.5, n)]}, ["g"])
        pixels = np.asarray(Image.open(io.BytesIO(drawn)).convert("RGB")).astype(int)
        return int((np.abs(pixels - (0, 114, 178)).sum(axis=2) < 40).sum())

    assert coloured(FEWEST - 1) < coloured(FEWEST) - 15


def test_more_objects_than_can_be_labelled_still_draw():
    names = tuple(f"object {at}" for at in range(200))
    assert balance_plot([Panel("many", names, np.ones((200, 3), np.int64))])


def test_uneven_counts_show():
    even = Panel("c", ("a", "b"), np.full((2, 2), 9))
    uneven = Panel("c", ("a", "b"), np.array([[9, 3], [3, 9]]))
    pictures_of = [
        np.asarray(Image.open(io.BytesIO(balance_plot([p]))).convert("RGB"), int)
        for p in (even, uneven)
    ]
    inside = [p[60:120, 120:500] for p in pictures_of]
    colourful = [np.median(np.ptp(p, axis=2)) for p in inside]
    assert colourful[1] > colourful[0] + 20


@pytest.mark.parametrize(("config", "split"), [("two", "left_big"), ("twins", "object")])
def test_a_splits_sheet_is_light_and_signed(carded, config, split):  # noqa: F811
    drawn = pictures.split_sheet(Dataset.open(carded), config, split)
    picture = Image.open(io.BytesIO(drawn))
    assert len(drawn) <= LIGHT and picture.width <= WIDE
    assert SIGNATURE in drawn[:1024]


def test_every_figure_of_a_card_is_light(carded):  # noqa: F811
    drawn = {path.name: path.read_bytes() for path in (carded / "figures").iterdir()}
    assert len(drawn) == len(Dataset.open(carded).splits()) + 3
    assert all(len(body) <= LIGHT for body in drawn.values())
    assert all(Image.open(io.BytesIO(body)).width <= WIDE for body in drawn.values())


def test_a_long_name_leaves_room():
    assert shortened("short") == "short"
    assert len(shortened("x" * 200)) == 32


def _luminance(colour):
    return sum(w * int(colour[at : at + 2], 16) for w, at in ((0.3, 1), (0.59, 3), (0.11, 5)))


def test_the_first_two_colours_differ_in_brightness_too():
    assert abs(_luminance(OKABE_ITO[0]) - _luminance(OKABE_ITO[1])) > 50
