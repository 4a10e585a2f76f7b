"""TOR, IOR and I2TOR: the published definitions, and what oracles with known biases show."""

from math import comb, perm

import numpy as np
import pytest
from subjects import (
    NAMES,
    OracleModel,
    oracle_subject,
    result,
)

from benchwright.builders.text.vocabulary import vocabulary
from benchwright.cards.audits import long_captions, matching, probes, retrieval
from benchwright.cards.audits.mentions import mentions
from benchwright.cards.audits.object_ranks import ranks
from benchwright.cards.audits.reference_images import References
from benchwright.cards.audits.retrieval import AUDIT, Settings
from benchwright.errors import BenchwrightError, ModelError
from benchwright.statistics.intervals import newcombe


def naive(queries, candidates, truth):
    """TOR by its definition: lists of names, nearest first."""
    top_right, firsts, nearest = 0, [0] * truth.shape[1], [0] * truth.shape[1]
    for query, held in zip(queries, truth.tolist(), strict=True):
        scored = sorted(range(len(candidates)), key=lambda c: (-float(query @ candidates[c]), c))
        if set(scored[: len(held)]) == set(held):
            top_right += 1
            firsts[held.index(scored[0])] += 1
        own = [c for c in scored if c in held]
        nearest[held.index(own[0])] += 1
    return top_right, firsts, nearest


def test_published_and_unconditional_shares_are_those_of_the_definitions():
    subject = oracle_subject(objects=3, pictures=10, model=OracleModel(first=1.3, noise=1.5))
    found = AUDIT.run(subject, Settings(number=200))
    table = found.outcomes.filter([p == "TOR" for p in found.outcomes["protocol"].to_pylist()])
    model = subject.model
    texts = table["key"].to_pylist()
    truth = np.array([[NAMES.index(n) for n in row] for row in table["names"].to_pylist()])
    single = model.encode_texts(list(NAMES))
    complete, firsts, nearest = naive(model.encode_texts(texts), single, truth)
    assert 0 < complete < len(texts)
    everything = result(found, "TOR, all found", "3 objects")
    assert (everything.n, everything.estimate) == (200, complete / 200)
    for place, name in enumerate(("1st", "2nd", "3rd")):
        group = f"3 objects, {name} mentioned"
        published = result(found, "TOR, as published", group)
        assert (published.n, published.estimate) == (complete, firsts[place] / complete)
        assert result(found, "TOR, nearest of its own", group).estimate == nearest[place] / 200


def told_apart(picture):
    """What each object is called by role and area, and, more finely, by slot and how far ahead."""
    things = picture["objects"]
    small = sorted((t["slot"], t["name"]) for t in things if t["size"] == "small")
    areas = sorted((t["visible_area"] for t in things), reverse=True)
    called = {}
    for thing in things:
        is_large = thing["size"] == "large"
        role = "large" if is_large else f"small {1 + small.index((thing['slot'], thing['name']))}"
        place = areas.index(thing["visible_area"])
        finer = [f"in slot {thing['slot']}"]
        if place == 0:
            bounds = [(1, 1.5), (1.5, 3), (3, 6)]
            said = [f"{a:g} to {b:g}" for a, b in bounds if a <= areas[0] / areas[1] < b]
            finer.append(f"largest, {(said or ['over 6'])[0]} times the next")
        by_area = f"{('1st', '2nd', '3rd')[place]} by visible area"
        called[thing["name"]] = ([role, by_area], finer)
    return called


def by_definition(pictures, queries, candidates):
    """Hits and n of each reading and group, picture by picture."""
    counts = {}

    def count(reading, group, hit):
        hits, n = counts.get((reading, group), (0, 0))
        counts[reading, group] = (hits + hit, n + 1)

    for picture, query in zip(pictures, queries, strict=True):
        scored = sorted(NAMES, key=lambda name: -float(query @ candidates[NAMES.index(name)]))
        called = told_apart(picture)
        complete = set(scored[:3]) == set(called)
        nearest = next(name for name in scored if name in called)
        for name, (labels, finer) in called.items():
            for label in labels:
                count("nearest of its own", f"3 objects, {label}", name == nearest)
                count("nearest of all", f"3 objects, {label}", name == scored[0])
                if complete:
                    count("as published", f"3 objects, {label}", name == nearest)
            for label in finer:
                count("nearest of its own", f"3 objects, {label}", name == nearest)
        count("all found", "3 objects", complete)
    return counts


@pytest.mark.parametrize("area", [1400, 4000, 9000])
def test_pictures_are_held_to_the_same_definitions(area):
    model = OracleModel(noise=1.5)
    subject = oracle_subject(pictures=120, large=1.3, area=area, model=model)
    found = AUDIT.run(subject, Settings(number=5))
    alone = len(NAMES)
    pictures, queries = subject.records[alone:], subject.vectors[alone:]
    texts, references = model.encode_texts(list(NAMES)), subject.vectors[:alone]
    for protocol, candidates in (("I2TOR", texts), ("IOR", references)):
        expected = by_definition(pictures, queries, candidates)
        assert 0 < expected["all found", "3 objects"][0] < 120
        ours = {
            (r.measure.removeprefix(f"{protocol}, "), r.group): (r.estimate * r.n, r.n)
            for r in found.results
            if r.measure.startswith(f"{protocol}, ")
        }
        assert ours == {group: pytest.approx(counts) for group, counts in expected.items()}


def test_of_equal_scores_the_earlier_candidate_comes_first():
    scores = np.array([[1, 2, 2, 0]], np.float32)
    assert ranks(scores, np.array([[2, 1, 3]])).tolist() == [[1, 0, 3]]


@pytest.mark.parametrize("seed", range(3))
def test_an_oracle_without_bias_gives_each_position_its_share(seed):
    found = AUDIT.run(oracle_subject(pictures=300, seed=seed), Settings(number=300, seed=seed))
    groups = ["3 objects, 1st mentioned", "3 objects, 2nd mentioned", "3 objects, 3rd mentioned"]
    rows = [result(found, "TOR, nearest of its own", group) for group in groups]
    rows.append(result(found, "I2TOR, nearest of its own", "3 objects, large"))
    rows.append(result(found, "IOR, nearest of its own", "3 objects, large"))
    wide = [(r.low - 0.05, r.high + 0.05) for r in rows]  # 15 looks at a 95 % interval
    assert all(low <= 1 / 3 <= high for low, high in wide)
    assert sum(r.low <= 1 / 3 <= r.high for r in rows) >= 3


def test_a_bias_for_the_first_and_for_the_large_object_is_found():
    plain = AUDIT.run(oracle_subject(), Settings(number=300))
    biased = AUDIT.run(
        oracle_subject(large=1.5, model=OracleModel(first=1.5)), Settings(number=300)
    )
    for measure, group in (
        ("TOR, nearest of its own", "3 objects, 1st mentioned"),
        ("I2TOR, nearest of its own", "3 objects, large"),
        ("IOR, nearest of its own", "3 objects, large"),
        ("IOR, nearest of its own", "3 objects, 1st by visible area"),
        ("IOR, nearest of its own", "3 objects, largest, 3 to 6 times the next"),
    ):
        more, less = result(biased, measure, group), result(plain, measure, group)
        counts = (round(more.estimate * more.n), more.n, round(less.estimate * less.n), less.n)
        assert newcombe(*counts)[0] > 0, (measure, group)


def test_combinations_take_a_strong_object_for_a_strong_position():
    """No position weighs more here, but names early in the alphabet do."""
    strength = {name: 1.4 - 0.1 * i for i, name in enumerate(NAMES)}
    subject = oracle_subject(pictures=20, model=OracleModel(strength=strength, noise=0.3))
    shares = {
        order: result(
            AUDIT.run(subject, Settings(captions=order, number=0)),
            "TOR, nearest of its own",
            "3 objects, 1st mentioned",
        )
        for order in ("permutations", "combinations")
    }
    assert shares["permutations"].low <= 1 / 3 <= shares["permutations"].high
    assert shares["combinations"].low > 0.6


@pytest.mark.parametrize(("order", "total"), [("permutations", perm), ("combinations", comb)])
def test_all_captions_are_those_there_are_and_too_many_are_refused(order, total):
    for objects, named in ((5, 2), (6, 3)):
        found = mentions(objects, named, 0, order, 0)
        assert found.shape == (total(objects, named), named)
        assert len(np.unique(found, axis=0)) == len(found)
    with pytest.raises(BenchwrightError, match=r"number=0: 71 objects make [0-9,]+ captions of 5"):
        mentions(71, 5, 0, order, 0)
    assert len(mentions(71, 5, 100, order, 0)) == 100


def test_captions_of_one_size_name_and_meet_objects_of_that_size_alone():
    """Large things weigh more here: among all objects they come first, among their like none do."""
    sizes = {name: word.size for name, word in vocabulary().items()}
    strength = {name: 2.0 if sizes[name] == "large" else 1.0 for name in NAMES}
    subject = oracle_subject(pictures=60, model=OracleModel(strength=strength))
    found = AUDIT.run(subject, Settings(number=300, of_a_size=300))
    table = found.outcomes.to_pylist()
    for size in ("small", "large"):
        of_size = [name for name in NAMES if sizes[name] == size]
        rows = [row for row in table if row["protocol"] == f"TOR among {size} things"]
        assert {sizes[name] for row in rows for name in row["names"]} == {size}
        assert all(rank < len(of_size) for row in rows for rank in row["ranks"])
        assert len(rows) == min(300, perm(len(of_size), 3))
        group = "3 objects, 1st mentioned"
        row = result(found, f"TOR among {size} things, nearest of its own", group)
        assert row.low <= 1 / 3 <= row.high
    without = AUDIT.run(subject, Settings(number=300, of_a_size=0))
    assert not any("among" in r.measure for r in without.results)


def test_a_model_that_knows_no_text_is_told_so_and_so_is_a_set_without_compositions():
    classifier = oracle_subject(pictures=5, model=OracleModel(kind="classifier"))
    assert "no text tower" in AUDIT.misfit(classifier)
    assert "several objects" in AUDIT.misfit(oracle_subject(pictures=0))
    mined = oracle_subject(pictures=5)
    mined.kind = "mined"
    assert "mined samples" in AUDIT.misfit(mined)
    assert not AUDIT.misfit(oracle_subject(pictures=5))


@pytest.mark.parametrize("audit", [retrieval, probes, matching, long_captions])
def test_a_second_look_encodes_no_text(audit):
    class Counting(OracleModel):
        asked = 0

        def encode_texts(self, texts):
            self.asked += len(texts)
            return super().encode_texts(texts)

    subject = oracle_subject(pictures=30, model=Counting(seed=77))
    settings = audit.Settings(**({} if audit is matching else {"number": 40}))
    first = audit.AUDIT.run(subject, settings)
    asked = subject.model.asked
    assert asked > 0
    assert audit.AUDIT.run(subject, settings).results == first.results
    assert subject.model.asked == asked


@pytest.mark.parametrize("audit", [retrieval, probes, matching, long_captions])
def test_texts_that_encode_to_nan_are_one_line(audit):
    class Damaged(OracleModel):
        def encode_texts(self, texts):
            return super().encode_texts(texts) * np.nan

    subject = oracle_subject(pictures=10)
    subject.model = Damaged(seed=99)
    with pytest.raises(ModelError, match="oracle/sum: encodes texts to NaN") as caught:
        audit.AUDIT.run(subject, audit.Settings())
    assert "\n" not in str(caught.value)


def test_without_reference_pictures_ior_is_left_out_and_a_note_says_so():
    found = AUDIT.run(oracle_subject(pictures=20, singles=False), Settings(number=10))
    assert not any(r.measure.startswith("IOR") for r in found.results)
    assert any(note.startswith("IOR is left out: no reference picture") for note in found.notes)


@pytest.mark.parametrize("pool", ["max", "mean"])
def test_the_references_of_an_object_make_one_score(pool):
    rng = np.random.default_rng(0)
    vectors, images = (rng.normal(size=(n, 4)).astype(np.float32) for n in (6, 3))
    objects = np.array([0, 0, 1, 2, 2, 2])
    given = References({"1": vectors}, {"1": objects}, "composed")
    found = given.scores(images, "1", pool)
    for row, image in enumerate(images):
        for number in range(3):
            of = [float(image @ v) for v, o in zip(vectors, objects, strict=True) if o == number]
            expected = max(of) if pool == "max" else sum(of) / len(of)
            assert found[row, number] == pytest.approx(expected, rel=1e-5)
