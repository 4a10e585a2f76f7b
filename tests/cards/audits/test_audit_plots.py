"""Figures of audits: names that can be read, and many points in little time."""

import numpy as np

from benchwright.cards.figures.audit_plots import (
    MOST_NAMED,
    Point,
    _by_place,
    curve_plot,
    distribution_plot,
    scatter_plot,
)

PNG = b"\x89PNG"


def point(name, x, y):
    return Point(name, x, y, (x - 0.01, x + 0.01), (y - 0.01, y + 0.01))


def test_points_that_lie_together_share_a_name():
    points = [point("cow", 0.9049, 0.88), point("bus", 0.9051, 0.885), point("vase", 0.2, 0.3)]
    assert list(_by_place(points).values()) == [["cow", "bus"], ["vase"]]
    assert scatter_plot("three", "x", "y", points).startswith(PNG)


def test_more_points_than_names_are_drawn_all_at_once():
    rng = np.random.default_rng(0)
    points = [point("", x, y) for x, y in rng.random((20 * MOST_NAMED, 2))]
    assert scatter_plot("many", "x", "y", points).startswith(PNG)


def test_distributions_of_one_value_and_of_one_side_are_drawn():
    for values in (np.zeros(3), np.full(3, 0.25), np.array([-0.5, -0.1])):
        assert distribution_plot("margins", "margin", values, 0.0).startswith(PNG)


def test_curves_of_shares_are_drawn():
    steps = np.arange(1.0, 4)
    curves = {"a": (steps, np.array([1.0, 1.0, 0.9])), "b": (steps[1:], np.array([0.5, 0.4]))}
    assert curve_plot("curves", "vocabularies", "accuracy", curves).startswith(PNG)
