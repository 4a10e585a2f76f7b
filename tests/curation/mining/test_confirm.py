"""Confirmation: one-sided, corrected over classes, both drops kept, every class with a verdict."""

import math

import pytest
from simulated_rows import scored, simulated

from benchwright import group_table
from benchwright.curation.mining.confirm import confirm, drops
from benchwright.curation.mining.group_rows import group_rows, unpaired
from benchwright.curation.mining.groups import Group, GroupTable, tabulate
from benchwright.curation.mining.pairs import Outcome, Pair, Rule, find
from benchwright.statistics.intervals import newcombe
from benchwright.statistics.significance import two_proportion_z


def groups(cls: str, background: str, first: tuple[int, int], second: tuple[int, int]):
    """A class x background with (right, images) of discovery and of confirmation."""
    return [
        Group(cls, background, half, n, right, n, n, 0.5, 0.2, 0.5)
        for half, (right, n) in (("discovery", first), ("confirmation", second))
    ]


def table(*parts: list[Group]) -> GroupTable:
    return GroupTable(tuple(group for part in parts for group in part), {})


HELD = [*groups("owl", "tree", (90, 100), (85, 100)), *groups("owl", "sky", (40, 100), (50, 100))]
LUCK = [*groups("eel", "reef", (60, 100), (52, 100)), *groups("eel", "sand", (40, 100), (50, 100))]
TURNED = [*groups("ox", "road", (60, 100), (20, 100)), *groups("ox", "snow", (40, 100), (90, 100))]
ALONE = groups("bee", "sky", (9, 9), (9, 9))


def test_a_pair_that_holds_is_confirmed_with_both_drops():
    found = table(HELD)
    (verdict,) = confirm(found, find(found))
    assert verdict.confirmed
    assert verdict.pair == Pair("owl", "tree", "sky")
    assert verdict.discovery.drop == pytest.approx(0.5)
    assert verdict.confirmation.drop == pytest.approx(0.35)
    low, high = map(float, newcombe(85, 100, 50, 100))
    assert (verdict.confirmation.low, verdict.confirmation.high) == pytest.approx((low, high))
    assert verdict.p == pytest.approx(float(two_proportion_z(85, 100, 50, 100, "greater")))


def test_luck_and_a_turned_drop_are_not_confirmed():
    found = table(HELD, LUCK, TURNED)
    verdicts = {verdict.cls: verdict for verdict in confirm(found, find(found))}
    assert verdicts["eel"].outcome is Outcome.NOT_CONFIRMED
    assert verdicts["ox"].outcome is Outcome.NOT_CONFIRMED
    assert verdicts["ox"].p > 0.99  # however large: the direction was fixed
    assert verdicts["ox"].confirmation.drop == pytest.approx(-0.7)


def test_more_classes_ask_for_stronger_evidence():
    weak = [
        *groups("owl", "tree", (60, 100), (61, 100)),
        *groups("owl", "sky", (40, 100), (48, 100)),
    ]
    alone = table(weak)
    assert confirm(alone, find(alone))[0].confirmed
    noise = [
        part
        for i in range(20)
        for part in (groups(f"class {i}", "reef", (60, 100), (50, 100)),
                     groups(f"class {i}", "sand", (40, 100), (50, 100)))
    ]  # fmt: skip
    crowd = table(weak, *noise)
    verdicts = {verdict.cls: verdict for verdict in confirm(crowd, find(crowd))}
    assert verdicts["owl"].p < 0.05 < verdicts["owl"].adjusted
    assert not verdicts["owl"].confirmed


def test_classes_without_a_pair_keep_their_reason_and_cost_the_others_nothing():
    found = table(HELD, ALONE)
    verdicts = confirm(found, find(found))
    assert [verdict.cls for verdict in verdicts] == ["bee", "owl"]
    assert verdicts[0].outcome is Outcome.ONE_BACKGROUND
    assert math.isnan(verdicts[0].p)
    assert verdicts[1].adjusted == verdicts[1].p


def test_small_groups_are_tested_exactly():
    found = table(
        groups("owl", "tree", (20, 20), (20, 20)), groups("owl", "sky", (10, 20), (18, 20))
    )
    (verdict,) = confirm(found, find(found))
    assert verdict.exact
    assert "Fisher" in verdict.detail


def test_images_of_few_clusters_are_weaker_evidence():
    loose = table(HELD)
    tight = GroupTable(
        tuple(
            Group(g.cls, g.background, g.half, g.n, g.correct, 10, 10.0, 0.5, 0.2, 0.5)
            for g in loose
        ),
        {},
    )
    (independent,), (clustered,) = (confirm(found, find(found)) for found in (loose, tight))
    assert clustered.p > independent.p
    width = {v: v.confirmation.high - v.confirmation.low for v in (independent, clustered)}
    assert width[clustered] > 2 * width[independent]


def test_no_class_with_a_pair_is_no_error():
    found = table(ALONE)
    assert [verdict.confirmed for verdict in confirm(found, find(found))] == [False]


def test_a_pair_of_another_table_is_refused():
    with pytest.raises(ValueError, match="no images of it in the discovery half"):
        drops(table(HELD), [Pair("owl", "tree", "moon")], "discovery")


def test_verdicts_are_stored_as_a_dataset_folders_group_table(tmp_path):
    found = table(HELD, LUCK, ALONE)
    verdicts = confirm(found, find(found))
    group_table.write(tmp_path, group_rows(verdicts, Rule.ACCURACY))
    rows = {row.cls: row for row in group_table.read(tmp_path)}
    assert set(rows) == {"owl", "eel"}
    assert rows["owl"].confirmed
    assert rows["owl"].reason == ""
    assert rows["eel"].reason.startswith("not confirmed: adjusted p")
    assert rows["owl"].drop_confirmation == pytest.approx(0.35)
    assert unpaired(verdicts) == {"bee": "all images on one background: sky 9+9"}


def test_from_rows_to_verdicts(tmp_path):
    truth = {("owl", "tree"): 0.9, ("owl", "sky"): 0.4, ("eel", "reef"): 0.6, ("eel", "sand"): 0.6}
    confirmed = {"owl": 0, "eel": 0}
    for seed in range(10):
        with scored(tmp_path, simulated(seed, truth, dict.fromkeys(truth, 200))) as rows:
            found = tabulate(rows)
        for verdict in confirm(found, find(found)):
            confirmed[verdict.cls] += verdict.confirmed
    assert confirmed["owl"] == 10
    assert confirmed["eel"] <= 3  # one in twenty by design: more than three of ten, one in 1,000
