"""Image-text matching: the papers' scenarios and the 2x2 that takes them apart."""

import numpy as np
import pytest
from subjects import NAMES, OracleModel, oracle_subject, result

from benchwright.cards.audits import matching_trials
from benchwright.cards.audits.matching import AUDIT, CELLS, EFFECTS, Settings
from benchwright.cards.audits.matching_trials import captions


def preferred(findings, cell, count=3):
    return result(findings, "right captions preferred", f"{count} objects, {cell}")


def test_right_and_wrong_captions_are_those_of_the_papers():
    right_first, right_last, *wrong = captions(["bed", "hat", "fork"], "clock", "bare")
    assert (right_first, right_last) == ("bed and hat and fork", "fork and hat and bed")
    assert wrong == [
        "clock and hat and fork",  # scenario 1: the large one, named first, is replaced
        "bed and hat and clock",  # scenario 2: the last small one; the right caption ends in bed
        "fork and hat and clock",
        "clock and hat and bed",
    ]


def test_shares_are_those_of_the_definitions():
    subject = oracle_subject(pictures=30, model=OracleModel(first=2.0, noise=2.0))
    found = AUDIT.run(subject, Settings(absent=0))
    encode = subject.model.encode_texts
    ones, twos = [], []
    for picture, image in zip(subject.records, subject.vectors, strict=True):
        things = sorted(picture["objects"], key=lambda thing: thing["slot"])
        if len(things) < 3:
            continue
        (big,) = (thing["name"] for thing in things if thing["size"] == "large")
        small = [thing["name"] for thing in things if thing["size"] == "small"]
        for other in set(NAMES) - {big, *small}:
            texts = (
                ("a", [big, *small], [other, *small]),
                ("b", [*small[::-1], big], [big, *small[:-1], other]),
            )
            for which, plus, minus in texts:
                said = [" and ".join(with_a(n) for n in names) for names in (plus, minus)]
                positive, negative = encode(said) @ image
                (ones if which == "a" else twos).append(positive > negative)
    assert preferred(found, "scenario 1").estimate == pytest.approx(np.mean(ones), abs=1e-12)
    assert preferred(found, "scenario 2").estimate == pytest.approx(np.mean(twos), abs=1e-12)
    assert len(found.outcomes) == len(ones) == 30 * 5
    right = np.array(found.outcomes[CELLS[0]]) > 0
    assert right.mean() == pytest.approx(np.mean(ones))


def test_cells_effects_and_orders_are_those_of_the_definitions():
    subject = oracle_subject(pictures=25, large=1.5, model=OracleModel(first=2.0, noise=2.0))
    found = AUDIT.run(subject, Settings(absent=0, template="bare"))
    encode = subject.model.encode_texts
    cells, ordered, changes, moved = {cell: [] for cell in CELLS}, [], [], []
    for picture, image in zip(subject.records, subject.vectors, strict=True):
        things = sorted(picture["objects"], key=lambda thing: thing["slot"])
        if len(things) < 3:
            continue
        (big,) = (thing["name"] for thing in things if thing["size"] == "large")
        one, two = (thing["name"] for thing in things if thing["size"] == "small")
        margins = []
        for other in sorted(set(NAMES) - {big, one, two}):
            pairs = (
                ([big, one, two], [other, one, two]),
                ([big, one, two], [big, one, other]),
                ([two, one, big], [two, one, other]),
                ([two, one, big], [other, one, big]),
            )
            said = [encode([" and ".join(plus), " and ".join(minus)]) for plus, minus in pairs]
            margins.append([float((plus - minus) @ image) for plus, minus in said])
        for cell, of in zip(CELLS, zip(*margins, strict=True), strict=True):
            cells[cell].append(np.mean([margin > 0 for margin in of]))
        first, last = encode([f"{big} and {one} and {two}", f"{two} and {one} and {big}"]) @ image
        ordered.append(first > last)
        for kept, values in ((moved, np.array(margins)), (changes, np.array(margins) > 0)):
            a, b, c, d = values.mean(axis=0)
            kept.append(((a + b) / 2 - (c + d) / 2, (a + c) / 2 - (b + d) / 2,
                         (a + d) / 2 - (b + c) / 2))  # fmt: skip
    for cell, of in cells.items():
        assert preferred(found, cell).estimate == pytest.approx(np.mean(of))
    row = result(found, "order preferred", "3 objects, large first, not last")
    assert row.estimate == pytest.approx(np.mean(ordered))
    for number, effect in enumerate(EFFECTS):
        for measure, of in (("margin", moved), ("share", changes)):
            row = result(found, f"effect on the {measure}", f"3 objects, {effect}")
            assert row.estimate == pytest.approx(np.mean(of, axis=0)[number], abs=1e-6)


def test_pictures_matched_some_at_a_time_are_matched_alike(monkeypatch):
    subject = oracle_subject(pictures=70)
    whole = AUDIT.run(subject, Settings())
    monkeypatch.setattr(matching_trials, "TEXTS_AT_ONCE", 12 * 30)
    parts = AUDIT.run(subject, Settings())
    assert parts.outcomes["key"] == whole.outcomes["key"]
    for one, other in zip(parts.results, whole.results, strict=True):
        assert (one.measure, one.group, one.n) == (other.measure, other.group, other.n)
        assert one.estimate == pytest.approx(other.estimate, abs=1e-6)


def with_a(name):
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def test_a_text_tower_that_heeds_the_first_name_moves_order_and_place_but_not_more():
    model = OracleModel(first=3.0, noise=2.5)
    found = AUDIT.run(oracle_subject(pictures=330, large=1.0, model=model), Settings())
    order, size, place = (
        result(found, "effect on the margin", f"3 objects, {effect}") for effect in EFFECTS
    )
    assert place.low > 0.05  # what is named first is missed most when it is replaced
    assert order.low <= 0.01
    assert order.high >= -0.01
    assert abs(size.estimate) < place.estimate / 4


def test_an_image_tower_that_heeds_the_large_object_misses_it_more_than_a_small_one():
    model = OracleModel(noise=2.0)
    found = AUDIT.run(oracle_subject(pictures=330, large=3.0, model=model), Settings())
    size = result(found, "effect on the share", "3 objects, large replaced rather than a small one")
    assert size.low > 0
    assert preferred(found, CELLS[0]).low > preferred(found, CELLS[1]).high


def test_scenario_2_falls_where_both_towers_are_biased_though_each_cell_stays():
    """The papers' collapse: half of it is the order of the wrong caption."""
    model = OracleModel(first=2.0, noise=0.3)
    found = AUDIT.run(oracle_subject(pictures=330, large=3.0, model=model), Settings())
    fall = result(found, "difference of the scenarios", "3 objects, scenario 1 - scenario 2")
    assert fall.low > 0.1
    assert (
        min(preferred(found, cell).estimate for cell in CELLS) > preferred(found, "scenario 2").high
    )


def test_few_pictures_may_be_drawn_and_the_same_are_drawn_again():
    subject = oracle_subject(pictures=100)
    some = AUDIT.run(subject, Settings(pictures=40, absent=1))
    assert preferred(some, "scenario 1").n == 40
    assert AUDIT.run(subject, Settings(pictures=40, absent=1)).outcomes.equals(some.outcomes)
    assert not AUDIT.run(subject, Settings(pictures=40, absent=1, seed=1)).outcomes.equals(
        some.outcomes
    )


def test_sets_without_a_large_object_or_an_absent_one_say_so():
    even = oracle_subject(pictures=20)
    for picture in even.records:
        for thing in picture["objects"]:
            thing["size"] = "same"
    assert "larger than the others" in AUDIT.misfit(even)
    three = OracleModel(names=NAMES[:3])
    found = AUDIT.run(oracle_subject(pictures=6, model=three), Settings())
    assert found.results == ()
    assert any("all names there are" in note for note in found.notes)


def test_an_effect_of_nothing_claims_no_more_than_its_pictures_can():
    found = AUDIT.run(oracle_subject(pictures=60, model=OracleModel(noise=0.0)), Settings())
    for effect in EFFECTS:
        row = result(found, "effect on the share", f"3 objects, {effect}")
        assert row.estimate == 0
        assert row.low == -row.high == pytest.approx(-0.0602, abs=1e-4)  # Wilson's of 0 in 60
