"""Designs keep every count equal, never repeat, and only ever grow."""

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchwright.builders.combinatorics import draw, unrank
from benchwright.builders.designs import Design, design
from benchwright.errors import RecipeError
from benchwright.recipe import Recipe, Sample
from benchwright.seeding import generator


@st.composite
def exhaustive(draw_value):
    slots = draw_value(st.integers(1, 4))
    objects = draw_value(st.integers(slots, 8))
    return Design(draw_value(st.integers(0, 99)), "family", objects, slots)


@st.composite
def sampled(draw_value, growth=0, counterbalanced=True):
    slots = draw_value(st.integers(1, 4))
    objects = draw_value(st.integers(slots, 9))
    scenes = draw_value(st.integers(1, min(400, math.perm(objects, slots))))
    sample = Sample(scenes=scenes, of_objects=objects)
    seed = draw_value(st.integers(0, 99))
    return Design(seed, "family", objects + growth, slots, sample, counterbalanced)


def counts(assignments, objects, slots):
    """Object x slot, object x mention position, slot x mention position."""
    by_slot = Counter({(o, s): 0 for o in range(objects) for s in range(slots)})
    by_mention = Counter(by_slot)
    together = Counter({(s, p): 0 for s in range(slots) for p in range(slots)})
    for assignment in assignments:
        by_slot.update((o, s) for s, o in enumerate(assignment.objects))
        by_mention.update((assignment.objects[s], p) for p, s in enumerate(assignment.order))
        together.update((s, p) for p, s in enumerate(assignment.order))
    return by_slot, by_mention, together


def spread(counter):
    return max(counter.values()) - min(counter.values())


def all_well_formed(design):
    made = list(design)
    assert len(made) == design.count
    assert len({a.objects for a in made}) == len(made)
    for assignment in made:
        assert len(set(assignment.objects)) == design.slots
        assert set(assignment.objects) <= set(range(design.objects))
        assert sorted(assignment.order) == list(range(design.slots))
    return made


@given(exhaustive())
def test_every_ordered_choice_once_exactly_balanced(design):
    made = all_well_formed(design)
    assert len(made) == math.perm(design.objects, design.slots)
    by_slot, by_mention, _ = counts(made, design.objects, design.slots)
    assert spread(by_slot) == 0
    assert spread(by_mention) == 0


@pytest.mark.parametrize(("objects", "slots"), [(18, 2), (18, 3), (18, 4), (17, 3)])
def test_slots_and_mention_positions_go_together_evenly(objects, slots):
    _, _, together = counts(Design(0, "family", objects, slots), objects, slots)
    assert spread(together) <= 0.015 * max(together.values())


@given(sampled())
def test_sample_is_balanced_within_one(design):
    made = all_well_formed(design)
    by_slot, by_mention, _ = counts(made, design.objects, design.slots)
    assert spread(by_slot) <= 1
    assert spread(by_mention) <= 1


def test_sample_has_each_object_in_each_slot_equally_often_at_each_mention():
    sample = Sample(scenes=8000, of_objects=18)
    triples = Counter(
        (assignment.objects[slot], slot, position)
        for assignment in Design(0, "four", 18, 4, sample)
        for position, slot in enumerate(assignment.order)
    )
    assert len(triples) == 18 * 4 * 4
    assert spread(triples) <= 2


@given(sampled(growth=2))
def test_added_object_is_balanced_within_one_and_as_frequent_as_the_others(design):
    made = all_well_formed(design)
    by_slot, by_mention, _ = counts(made, design.objects, design.slots)
    added, slots = design.objects - 1, range(design.slots)
    for table in (by_slot, by_mention):
        new = [table[added, place] for place in slots]
        assert max(new) - min(new) <= 1
    latest = [a for a in made if added in a.objects]
    mean = sum(design.slots for a in made) / design.objects
    assert abs(len(latest) - mean) <= 1


def test_old_objects_stay_balanced_when_many_are_added():
    sample = Sample(scenes=8000, of_objects=18)
    by_slot, by_mention, together = counts(Design(0, "four", 24, 4, sample), 24, 4)
    for table in (by_slot, by_mention, together):
        assert spread(table) <= 0.025 * max(table.values())


@given(st.one_of(sampled(), sampled(counterbalanced=False), exhaustive()), st.integers(1, 3))
def test_appended_objects_only_add(design, more):
    grown = Design(
        design.seed, design.family, design.objects + more, design.slots, design.sample,
        design.counterbalanced,
    )  # fmt: skip
    before, after = list(design), all_well_formed(grown)
    assert after[: len(before)] == before
    assert all(max(a.objects) >= design.objects for a in after[len(before) :])


@given(sampled(), st.integers(1, 50))
def test_more_scenes_keep_those_there_were(design, more):
    most = math.perm(design.objects, design.slots)
    scenes = min(most, design.sample.scenes + more)
    larger = Design(
        design.seed, design.family, design.objects, design.slots,
        Sample(scenes=scenes, of_objects=design.objects),
    )  # fmt: skip
    assert set(design) <= set(larger)


@given(sampled(counterbalanced=False, growth=1))
def test_plain_sampling_mentions_by_slot(design):
    assert all(a.order == tuple(range(design.slots)) for a in all_well_formed(design))


def test_zero_is_a_seed_and_families_differ():
    sample = Sample(scenes=50, of_objects=10)
    made = [list(Design(seed, name, 10, 3, sample)) for seed, name in
            ((0, "a"), (0, "a"), (1, "a"), (0, "b"))]  # fmt: skip
    assert made[0] == made[1]
    assert made[0] != made[2]
    assert made[0] != made[3]


def test_spaces_too_large_to_list_are_sampled():
    huge = Design(0, "ten", 10_000, 10, Sample(scenes=25, of_objects=10_000))
    assert len(all_well_formed(huge)) == 25


@given(st.integers(1, 6), st.integers(0, 4))
def test_unrank_lists_every_ordered_choice_once(size, length):
    length = min(size, length)
    choices = {unrank(rank, size, length) for rank in range(math.perm(size, length))}
    assert len(choices) == math.perm(size, length)
    assert all(len(set(choice)) == length for choice in choices)


@given(st.integers(1, 60), st.data())
def test_draw_is_distinct_and_begins_alike(size, data):
    count = data.draw(st.integers(0, size))
    drawn = list(draw(generator(0), size, count))
    assert len(set(drawn)) == count
    assert set(drawn) <= set(range(size))
    assert drawn == list(draw(generator(0), size, size))[:count]


def recipe(count, **subset):
    return Recipe.model_validate(
        {
            "recipe": 1, "name": "r", "title": "r",
            "objects": {"names": [f"o{i}" for i in range(count)]},
            "subsets": [{"name": "four", "layout": "four", **subset}],
        }
    )  # fmt: skip


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (recipe(3), "4 slots but objects.names lists 3; list more"),
        (recipe(5, scenes={"scenes": 9, "of_objects": 6}), "of_objects is 6 but .* lists 5"),
        (recipe(5, scenes={"scenes": 9, "of_objects": 3}), "of_objects is 3 but a scene has 4"),
        (recipe(5, scenes={"scenes": 121, "of_objects": 5}), "5 objects in 4 slots make 120"),
    ],
)
def test_impossible_designs_say_why_in_one_line(made, message):
    with pytest.raises(RecipeError, match=message) as raised:
        design(made, 0, 4)
    assert str(raised.value).startswith('subsets[0] "four": ')
    assert "\n" not in str(raised.value)


def test_a_sample_of_everything_is_everything():
    whole = design(recipe(6, scenes={"scenes": 120, "of_objects": 5}), 0, 4)
    assert whole.sample is None
    assert whole.count == math.perm(6, 4)
