"""Layouts hold the originals' slots, fit the frame and keep objects apart."""

import itertools

import pytest

from benchwright.builders.layouts import Slot, chosen, layouts
from benchwright.builders.placement import frame, overlap
from benchwright.errors import RecipeError

EVERY = [
    pytest.param(slots, id=f"{name}-{variant}")
    for name, layout in layouts().items()
    for variant, slots in layout.items()
]


@pytest.mark.parametrize("slots", EVERY)
def test_every_slot_is_seen_whole(slots):
    for slot in slots:
        left, right, near, far = frame(slot.scale, "tilted")
        assert left <= slot.x <= right
        assert near <= slot.y <= far


@pytest.mark.parametrize("slots", EVERY)
def test_footprints_keep_apart(slots):
    for a, b in itertools.combinations(slots, 2):
        assert not overlap((a.x, a.y), (b.x, b.y), a.scale + b.scale)


@pytest.mark.parametrize("slots", EVERY)
def test_one_is_large_or_all_are_the_same(slots):
    roles = [slot.size for slot in slots]
    assert set(roles) == {"same"} or (roles.count("large"), roles.count("same")) == (1, 0)


def test_each_layout_is_large_in_each_slot_once_and_of_one_length():
    for name, layout in layouts().items():
        lengths = {len(slots) for slots in layout.values()}
        assert len(lengths) == 1, name
        large = [s for slots in layout.values() for s, slot in enumerate(slots)
                 if slot.size == "large"]  # fmt: skip
        assert sorted(large) == ([] if name == "one" else list(range(lengths.pop()))), name


def test_layouts_of_three_and_more_have_a_same_size_variant():
    for name, layout in layouts().items():
        assert name in ("one", "two", "simco_two") or "same_size" in layout


@pytest.mark.parametrize(
    ("name", "variant", "rows"),
    [
        ("two", "left_big", [(-2.5, 0, 2.5, "large"), (3.5, 0, 0.8, "small")]),
        ("one", "alone", [(0, 1.5, 1.3, "same")]),
        ("simco_two", "left_big", [(-2, 2, 1.8, "large"), (2, 2, 0.5, "small")]),
        (
            "simco_three",
            "middle_big",
            [(-3.5, 3.5, 0.7, "small"), (0, 0, 1.8, "large"), (2.5, -3.5, 0.7, "small")],
        ),
    ],
)
def test_slots_of_the_originals(name, variant, rows):
    assert chosen(name, [variant], "")[variant] == tuple(Slot(*row) for row in rows)


def test_mirrored_pairs():
    for name in ("two", "simco_two"):
        layout = layouts()[name]
        mirrored = [(-slot.x, slot.y, slot.scale) for slot in reversed(layout["left_big"])]
        assert mirrored == [(slot.x, slot.y, slot.scale) for slot in layout["right_big"]]


def test_variants_come_as_asked():
    assert list(chosen("five", None, "")) == list(layouts()["five"])
    assert list(chosen("five", ["middle_big", "same_size"], "")) == ["middle_big", "same_size"]


def test_unknown_names_get_a_hint():
    with pytest.raises(RecipeError, match=r'subsets\[1\].layout: .*"fuor" \(did you mean "four"'):
        chosen("fuor", None, "subsets[1]")
    with pytest.raises(RecipeError, match=r'subsets\[1\].variants\[1\]: .*mean "same_size"'):
        chosen("four", ["middle_big", "same_siez"], "subsets[1]")
    with pytest.raises(RecipeError, match="known: simco_two, "):
        chosen("zzz", None, "subsets[1]")
