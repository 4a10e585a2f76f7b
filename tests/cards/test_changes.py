"""Comparing two versions: what came, went or changed, and why."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from benchwright.cards import changelog
from benchwright.cards.changes import ADDED, CHANGED, NEEDED, REMOVED, compare
from benchwright.cards.reasons import Made
from benchwright.cards.version import Version
from benchwright.recipe import Recipe
from benchwright.recipe_file import parse, validate

RECIPE = """
recipe: 1
name: small
title: Small
objects: {names: [cube, sphere, mug]}
subsets: [{name: two, layout: simco_two}]
"""


def recipe(**changes) -> Recipe:
    return validate({**parse(RECIPE), **changes})


def manifest(rows) -> pa.Table:
    """Rows of (config, split, key, sha256, objects, twin_of)."""
    columns = list(zip(*rows, strict=True)) or [[]] * len(NEEDED)
    return pa.table([list(c) for c in columns], schema=pa.schema(NEEDED.items()))


def row(key, sha256="a", objects=("cube",), config="two", split="left", twin_of=""):
    return config, split, key, sha256, list(objects), twin_of


def why(before_rows, after_rows, before=None, after=None, builds=({}, {})) -> dict[str, str]:
    changes = compare(
        Made(manifest(before_rows), before or recipe(), builds[0]),
        Made(manifest(after_rows), after or recipe(), builds[1]),
    )
    return {r["key"]: f"{r['change']}: {r['why']}" for r in changes.table.to_pylist()}


IDS = st.tuples(st.sampled_from("ab"), st.sampled_from("xy"), st.sampled_from("0123456789"))
SETS = st.dictionaries(IDS, st.sampled_from("pqr"), max_size=30)


def as_made(samples) -> Made:
    return Made(manifest([(*of, sha, ["cube"], "") for of, sha in samples.items()]), recipe(), {})


@given(SETS, SETS)
def test_changes_partition_the_union_and_lead_from_one_version_to_the_other(before, after):
    changes = compare(as_made(before), as_made(after))
    parts = {
        kind: {(r["config"], r["split"], r["key"]) for r in changes.of(kind).to_pylist()}
        for kind in (ADDED, REMOVED, CHANGED)
    }
    touched = set().union(*parts.values())
    assert len(touched) == changes.table.num_rows
    assert changes.unchanged == len((before.keys() | after.keys()) - touched)
    led = {of: sha for of, sha in before.items() if of not in parts[REMOVED]}
    led |= {of: after[of] for of in parts[ADDED] | parts[CHANGED]}
    assert led == after
    assert all(before[of] != after[of] for of in parts[CHANGED])
    assert None not in changes.table["why"].to_pylist()


def test_an_appended_object_explains_its_scenes_and_their_twins():
    after = recipe(objects={"names": ["cube", "sphere", "mug", "star"]})
    new = [row("1"), row("2", objects=["cube", "star"]), row("3", twin_of="2"), row("4")]
    found = why([row("1")], new, after=after)
    assert found["2"] == "added: object star is new"
    assert found["3"] == "added: twin of a scene with new star"
    assert found["4"].startswith("added: objects.names")


def test_a_new_config_and_a_new_split_are_said_so():
    found = why([row("1")], [row("1"), row("2", config="three"), row("3", split="right")])
    assert found == {
        "2": "added: config three is new", "3": "added: split right of two is new"
    }  # fmt: skip


def test_a_withdrawn_sample_takes_its_reason_and_its_twins_along():
    gone = "00000000000000aa"
    after = recipe(withdrawn=[{"key": gone, "why": "the mug is upside down"}])
    found = why([row(gone), row("t", twin_of=gone), row("1")], [row("1")], after=after)
    assert found == {
        gone: "removed: withdrawn: the mug is upside down",
        "t": "removed: twin of a withdrawn sample: the mug is upside down",
    }
    back = why([row("1")], [row("1"), row(gone)], before=after)
    assert back == {gone: "added: no longer withdrawn"}


def test_a_removed_object_config_or_split_is_named():
    gone = [row("2", objects=["mug"]), row("3", config="three"), row("4", split="right")]
    after = recipe(objects={"names": ["cube", "sphere"]})
    assert why([row("1"), *gone], [row("1")], after=after) == {
        "2": "removed: object mug was removed",
        "3": "removed: config three was removed",
        "4": "removed: split right of two was removed",
    }


def test_other_bytes_of_one_scene_are_put_down_to_encoders_sprites_and_settings():
    builds = ({"encoders": {"opencv": "4.13"}, "assets": {"cube": "1", "mug": "1"}},
              {"encoders": {"opencv": "4.14"}, "assets": {"cube": "2", "mug": "1"}})  # fmt: skip
    after = recipe(image={"quality": 90}, seed=7)
    found = why([row("1", "a")], [row("1", "b")], after=after, builds=builds)["1"]
    for part in ("encoders: opencv 4.13 -> 4.14", "sprites made anew: cube", "seed 0 -> 7",
                 "image.quality 95 -> 90"):  # fmt: skip
        assert part in found


def test_settings_no_sample_depends_on_explain_nothing():
    after = recipe(title="Another title", card={"summary": "words"})
    assert why([row("1", "a")], [row("1", "b")], after=after)["1"] == "changed: no setting differs"


def test_an_unreadable_earlier_recipe_still_leaves_a_comparison():
    changes = compare(
        Made(manifest([row("1")]), None, {}), Made(manifest([row("2")]), recipe(), {})
    )
    assert set(changes.table["why"].to_pylist()) == {
        "the published recipe is one that this version of Benchwright cannot read"
    }


def test_a_million_samples_are_compared_in_seconds():
    import time

    count = 1_000_000
    keys = np.char.mod("%016x", np.arange(count)).tolist()

    def made(kept):
        return Made(pa.table(
            [["two"] * len(kept), ["left"] * len(kept), kept, ["a"] * len(kept),
             [["cube"]] * len(kept), [""] * len(kept)], schema=pa.schema(NEEDED.items()),
        ), recipe(), {})  # fmt: skip

    before, after = made(keys[1000:]), made(keys[:-1000])
    start = time.process_time()
    changes = compare(before, after)
    assert time.process_time() - start < 15
    assert (changes.count(ADDED), changes.count(REMOVED)) == (1000, 1000)


def test_an_entry_counts_names_and_explains():
    after = recipe(objects={"names": ["cube", "sphere", "mug", "star"]})
    new = [row("1"), *(row(f"s{i}", objects=["star"]) for i in range(30))]
    changes = compare(Made(manifest([row("1")]), recipe(), {}), Made(manifest(new), after, {}))
    text = changelog.entry(Version(1, 1, 0), changes, "For the stars.")
    assert text.startswith("## 1.1.0\n\nFor the stars.\n")
    assert "30 added, 0 removed, 0 changed; 1 as they were" in text
    assert "| two | left | 30 | 0 | 0 |" in text
    assert "30 added, object star is new: `s0`" in text
    assert text.count("`s") == 20
    assert "`changes/1.1.0.parquet`" in text


def test_a_reason_cannot_break_out_of_the_change_log():
    gone = "00000000000000aa"
    after = recipe(withdrawn=[{"key": gone, "why": "<script>x</script> | [a](b)"}])
    changes = compare(
        Made(manifest([row(gone), row("1")]), recipe(), {}), Made(manifest([row("1")]), after, {})
    )
    assert "<script>" not in changelog.entry(Version(2, 0, 0), changes, "")


def test_a_new_entry_goes_on_top_of_what_was_published():
    first = changelog.with_entry(None, "## 1.0.0\n\nThe first.\n")
    assert first == "# Change log\n\n## 1.0.0\n\nThe first.\n"
    second = changelog.with_entry(first, "## 1.1.0\n\nMore.\n")
    assert second == "# Change log\n\n## 1.1.0\n\nMore.\n\n## 1.0.0\n\nThe first.\n"
