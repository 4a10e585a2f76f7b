"""Twins differ from their original in exactly one factor."""

import dataclasses
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchwright.builders.layouts import layouts
from benchwright.builders.placement import overlap
from benchwright.builders.twins import Choices, twin
from benchwright.record import Placed, Scene

NAMES = ("cube", "sphere", "mug", "star", "cone", "arrow", "heart", "leaf", "moon", "torus")
FACTORS = ("order", "size_swap", "slot_swap", "object", "ground")


def choices(names=NAMES, seed=0):
    rank = {name: index for index, name in enumerate(names)}
    return Choices(
        seed,
        tuple(names),
        rank,
        lambda scene: "#7f6a55",
        lambda asset: (0, 90, 180),
        lambda placed: placed,
    )


@st.composite
def scenes(draw):
    name = draw(st.sampled_from(sorted(layouts())))
    slots = layouts()[name][draw(st.sampled_from(sorted(layouts()[name])))]
    held = draw(st.permutations(NAMES))[: len(slots)]
    order = draw(st.permutations(range(len(slots))))
    objects = [
        Placed(held[s], held[s], s, slot.x, slot.y, draw(st.sampled_from((0, 90))), 0, "standing",
               slot.scale, slot.size, draw(st.sampled_from(("#2a4bd7", "#ad2323"))), "rubber")
        for s, slot in enumerate(slots)
    ]  # fmt: skip
    return Scene(512, 512, "#cdcdcd", "tilted", "softboxes", tuple(objects[s] for s in order))


def changed_fields(scene, partner):
    """Field names that differ, object by object as they are mentioned."""
    pairs = zip(scene.objects, partner.objects, strict=True)
    return [
        {f.name for f in dataclasses.fields(Placed) if getattr(a, f.name) != getattr(b, f.name)}
        for a, b in pairs
    ]


def seen(scene):
    """The scene but for mention order, objects and marks of a twin."""
    return (scene.width, scene.height, scene.background, scene.camera, scene.lighting)


@given(scenes(), st.sampled_from(FACTORS))
def test_a_twin_names_its_original_and_factor(scene, factor):
    partner = twin(scene, factor, choices())
    if partner:
        assert (partner.twin_of, partner.factor) == (scene.key, factor)
        assert partner.key != scene.key
        assert partner == twin(scene, factor, choices())
        assert (seen(partner) == seen(scene)) is (factor != "ground")


@given(scenes())
def test_order_swaps_first_and_last_mention(scene):
    partner = twin(scene, "order", choices())
    if len(scene.objects) == 1:
        assert partner is None
        return
    assert set(partner.objects) == set(scene.objects)
    assert (partner.objects[0], partner.objects[-1]) == (scene.objects[-1], scene.objects[0])
    assert partner.objects[1:-1] == scene.objects[1:-1]


@given(scenes())
def test_size_swap_exchanges_one_large_and_one_small(scene):
    partner = twin(scene, "size_swap", choices())
    if {placed.size for placed in scene.objects} == {"same"}:
        assert partner is None
        return
    changed = [fields for fields in changed_fields(scene, partner) if fields]
    assert changed == [{"scale", "size"}] * 2
    before, after = ([(o.scale, o.size) for o in s.objects] for s in (scene, partner))
    assert sorted(before) == sorted(after)


@given(scenes())
def test_slot_swap_exchanges_places_and_keeps_scales(scene):
    partner = twin(scene, "slot_swap", choices())
    if len(scene.objects) == 1:
        assert partner is None
        return
    changed = [fields for fields in changed_fields(scene, partner) if fields]
    assert len(changed) == 2
    assert all("slot" in fields and fields <= {"slot", "x", "y"} for fields in changed)
    before, after = ([(o.slot, o.x, o.y) for o in s.objects] for s in (scene, partner))
    assert sorted(before) == sorted(after)


@given(scenes(), st.sampled_from(("size_swap", "slot_swap")))
def test_swaps_leave_no_object_on_another(scene, factor):
    partner = twin(scene, factor, choices())
    for a, b in itertools.combinations(partner.objects if partner else (), 2):
        assert not overlap((a.x, a.y), (b.x, b.y), a.scale + b.scale)


@given(scenes())
def test_every_layout_with_a_large_object_has_both_swaps(scene):
    if {placed.size for placed in scene.objects} != {"same"}:
        assert twin(scene, "size_swap", choices())
        assert twin(scene, "slot_swap", choices())


@given(scenes())
def test_object_gives_one_object_for_an_absent_one(scene):
    partner = twin(scene, "object", choices())
    changed = [fields for fields in changed_fields(scene, partner) if fields]
    assert changed == [{"name", "asset"}]
    before, after = ({placed.name for placed in s.objects} for s in (scene, partner))
    assert len(after - before) == 1


@given(scenes(), st.sampled_from(FACTORS))
def test_an_appended_object_changes_no_twin(scene, factor):
    grown = choices((*NAMES, "pot", "cap"))
    assert twin(scene, factor, choices()) in (None, twin(scene, factor, grown))


@given(scenes(), st.integers(0, len(NAMES) - 1))
def test_a_replaced_object_changes_only_the_twins_that_hold_it(scene, at):
    if NAMES[at] in {placed.name for placed in scene.objects}:
        return
    names = (*NAMES[:at], "pot", *NAMES[at + 1 :])
    partner, after = (twin(scene, "object", choices(n)) for n in (NAMES, names))
    if NAMES[at] not in {placed.name for placed in partner.objects}:
        assert after == partner


@given(scenes())
def test_object_twin_takes_the_nearest_yaw_there_is(scene):
    few = dataclasses.replace(choices(), yaws=lambda asset: (350, 100))
    partner = twin(scene, "object", few)
    (new,) = set(partner.objects) - set(scene.objects)
    (old,) = set(scene.objects) - set(partner.objects)
    assert new.yaw == (350 if old.yaw == 0 else 100)


@given(scenes())
def test_ground_changes_the_background_alone(scene):
    partner = twin(scene, "ground", choices())
    assert partner.background == "#7f6a55"
    assert partner.objects == scene.objects
    assert twin(dataclasses.replace(scene, background="#7f6a55"), "ground", choices()) is None


@pytest.mark.parametrize("held", [1, 2])
def test_no_object_twin_where_no_object_is_absent(held):
    names = NAMES[:held]
    placed = [Placed(n, n, i, 0, 2 * i, 0, 0, "standing", 0.5, "same", "#2a4bd7", "rubber")
              for i, n in enumerate(names)]  # fmt: skip
    scene = Scene(64, 64, "#cdcdcd", "tilted", "softboxes", tuple(placed))
    assert twin(scene, "object", choices(names)) is None
