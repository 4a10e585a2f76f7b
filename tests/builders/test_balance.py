"""The balance table counts what was made."""

import json

from benchwright.builders.balance import Balance
from benchwright.builders.scenes import Split, scenes, splits
from benchwright.recipe import Recipe
from benchwright.record import Placed, Scene

NAMES = ["cube", "sphere", "mug", "star"]


class Shapes:
    """A sprite source that only knows names and yaws."""

    def names(self):
        return tuple(NAMES)

    def yaws(self, name):
        return (0,)

    def asset(self, name):
        return name

    def light(self, asset):
        return "flat"

    def is_tintable(self, name):
        return True


def balance(**fields):
    recipe = Recipe.model_validate(
        {
            "recipe": 1, "name": "tiny", "title": "Tiny", "objects": {"names": NAMES},
            "subsets": [{"name": "two", "layout": "simco_two", **fields}],
        }
    )  # fmt: skip
    counted = Balance()
    for split in splits(recipe):
        for grouped in scenes(recipe, split, Shapes()):
            counted.add(split, grouped.scene)
    return counted


def scene(*held):
    objects = [Placed(name, name, slot, 0, 0, 0, 0, "standing", 1, size, "#2a4bd7", "rubber")
               for name, slot, size in held]  # fmt: skip
    return Scene(64, 64, "#cdcdcd", "tilted", "softboxes", tuple(objects))


def test_a_counterbalanced_set():
    table = balance().to_dict()["two"]
    even = {"min": 3, "max": 3, "spread": 0, "cells": 8}
    left = table["splits"]["left_big"]
    assert left == {"scenes": 12, "object x mention": even, "object x slot": even}
    twelve = {"min": 12, "max": 12, "spread": 0, "cells": 2}
    assert table["union"] == {
        "scenes": 24,
        "size x slot": {"large": twelve, "small": twelve},
        "size x mention": {"large": twelve, "small": twelve},
    }


def test_a_single_variant_shows_its_confound():
    union = balance(variants=["left_big"]).to_dict()["two"]["union"]
    assert union["size x slot"]["large"] == {"min": 0, "max": 12, "spread": 12, "cells": 2}


def test_spreads_are_what_a_table_prints():
    assert balance().spreads("two", "left_big") == ("3", "3")
    sampled = balance(scenes={"scenes": 9, "of_objects": 4})
    assert sampled.spreads("two", "left_big") == ("2-3", "2-3")
    assert sampled.spreads("two", "no_such_split") == ("-", "-")


def test_a_pair_that_never_occurs_counts_zero():
    counted = Balance()
    split = Split("two", "left_big")
    for _ in range(3):
        counted.add(split, scene(("cube", 1, "small"), ("mug", 0, "large")))
    assert counted.spreads("two", "left_big") == ("0-3", "0-3")


def test_free_placement_has_no_slots_to_count():
    counted = Balance()
    counted.add(Split("loose", "free"), scene(("cube", -1, "large"), ("mug", -1, "small")))
    table = counted.to_dict()["loose"]
    assert "object x slot" not in table["splits"]["free"]
    assert table["union"]["size x slot"] == {}
    assert counted.spreads("loose", "free") == ("0-1", "-")


def test_the_table_is_json_and_does_not_hang_on_order():
    one, other = Balance(), Balance()
    held = [scene(("cube", 0, "large"), ("mug", 1, "small")),
            scene(("mug", 0, "large"), ("star", 1, "small"))]  # fmt: skip
    for counted, order in ((one, held), (other, held[::-1])):
        for each in order:
            counted.add(Split("two", "left_big"), each)
    assert json.dumps(one.to_dict(), sort_keys=True) == json.dumps(other.to_dict(), sort_keys=True)
