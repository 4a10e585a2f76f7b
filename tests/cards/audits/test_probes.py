"""TOC and IOC: the probes are those of the papers, and find what vectors hold."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from subjects import NAMES, WIDTH, OracleModel, oracle_subject, result, unit

from benchwright.cards.audits.linear_probe import Parts, adam, ridge, split
from benchwright.cards.audits.probes import AUDIT, Settings
from benchwright.seeding import digest
from benchwright.statistics.intervals import newcombe


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    """Layers this small are trained no faster by two threads, and far more slowly by busy ones."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@given(st.lists(st.integers(0, 30), min_size=1, max_size=200), st.integers(0, 5))
def test_parts_cover_every_sample_once_and_part_no_group(groups, seed):
    groups = np.array(groups)
    parts = split(groups, (0.75, 0.10), seed)
    rows = np.concatenate([parts.train, parts.validation, parts.test])
    assert sorted(rows.tolist()) == list(range(len(groups)))
    where = [set(groups[of].tolist()) for of in (parts.train, parts.validation, parts.test)]
    assert not (where[0] & where[1] or where[0] & where[2] or where[1] & where[2])


def test_single_samples_are_parted_as_the_papers_part_them():
    parts = split(np.arange(1000), (0.75, 0.10), 0)
    assert [len(of) for of in (parts.train, parts.validation, parts.test)] == [750, 100, 150]
    parts = split(np.arange(1000), (0.80, 0.0), 0)
    assert [len(of) for of in (parts.train, parts.validation, parts.test)] == [800, 0, 200]


def case(seed=0, n=120, width=10, classes=4):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, (n, 2))
    things = rng.normal(size=(2, classes, width))
    vectors = sum(things[place][labels[:, place]] for place in range(2))
    vectors = (vectors + 0.8 * rng.normal(size=vectors.shape)).astype(np.float32)
    rows = rng.permutation(n)
    return vectors, labels, Parts(np.sort(rows[:80]), np.sort(rows[80:95]), np.sort(rows[95:]))


def test_the_closed_form_is_least_squares_with_a_penalty_on_all_but_the_offset():
    vectors, labels, parts = case()
    x = vectors[parts.train].astype(float)
    scale = np.mean(((x - x.mean(0)) ** 2).sum(axis=0))
    for penalty in (1e-6, 0.1, 10.0):
        found = ridge(vectors, labels, 4, parts, [penalty])
        for place in range(2):
            wide = np.hstack([x, np.ones((len(x), 1))])
            keep = np.diag([penalty * scale] * x.shape[1] + [0])
            targets = np.eye(4)[labels[parts.train, place]]
            weights = np.linalg.solve(wide.T @ wide + keep, wide.T @ targets)
            test = np.hstack([vectors[parts.test], np.ones((len(parts.test), 1))])
            assert found[:, place].tolist() == (test @ weights).argmax(axis=1).tolist()


def test_the_penalty_is_the_one_that_validates_best():
    vectors, labels, parts = case()
    chosen = ridge(vectors, labels, 4, parts)
    tried = {}
    for penalty in (1e-6, 1e-2, 1.0, 100.0):
        swapped = Parts(parts.train, parts.validation, parts.validation)
        guess = ridge(vectors, labels, 4, swapped, [penalty])
        tried[penalty] = (guess == labels[parts.validation]).mean(axis=0)
    swapped = Parts(parts.train, parts.validation, parts.validation)
    best = (ridge(vectors, labels, 4, swapped) == labels[parts.validation]).mean(axis=0)
    assert (best >= np.max(list(tried.values()), axis=0)).all()
    assert chosen.shape == (25, 2)


def test_layers_trained_together_are_the_papers_layers_trained_apart():
    vectors, labels, parts = case()
    found = adam(vectors, labels, 4, parts, epochs=3, batch=16, seed=5)
    draws = torch.Generator().manual_seed(digest(5, "probe") >> 1)
    reach = 10**-0.5
    weight = torch.empty(2, 4, 10).uniform_(-reach, reach, generator=draws)
    bias = torch.empty(2, 4, 1).uniform_(-reach, reach, generator=draws)
    train = torch.from_numpy(parts.train)
    orders = [train[torch.randperm(len(train), generator=draws)] for _ in range(3)]
    x, y = torch.from_numpy(vectors), torch.from_numpy(labels)
    for place in range(2):
        layer = torch.nn.Linear(10, 4)
        layer.weight.data, layer.bias.data = weight[place].clone(), bias[place, :, 0].clone()
        optimizer = torch.optim.Adam(layer.parameters(), lr=1e-3)
        for order in orders:
            for rows in order.split(16):
                optimizer.zero_grad()
                torch.nn.functional.cross_entropy(layer(x[rows]), y[rows, place]).backward()
                optimizer.step()
        predicted = layer(x[torch.from_numpy(parts.test)]).argmax(dim=1)
        assert found[:, place].tolist() == predicted.tolist()


def test_trained_twice_it_says_the_same_and_from_another_seed_nearly():
    vectors, labels, _ = case(n=600)
    parts = split(np.arange(600), (0.80, 0.0), 0)
    one, again, other = (adam(vectors, labels, 4, parts, 10, 8, seed) for seed in (0, 0, 1))
    assert (one == again).all()
    truth = labels[parts.test]
    assert abs((one == truth).mean() - (other == truth).mean()) < 0.05


def test_toc_and_ioc_as_the_papers_train_them_are_repeated_within_seed_noise():
    """The same seed gives the same numbers; other splits, weights and orders move them little."""
    subject = oracle_subject(pictures=336, singles=False, large=2.0, model=OracleModel(first=2.0))
    asked = Settings(probes=("adam",), number=336, split="samples")
    one, again = AUDIT.run(subject, asked), AUDIT.run(subject, asked)
    assert one.results == again.results
    assert one.outcomes.equals(again.outcomes)
    other = AUDIT.run(subject, asked.model_copy(update={"seed": 1}))
    assert [r.group for r in one.results] == [r.group for r in other.results]
    assert {r.measure for r in one.results} == {"TOC by adam", "IOC by adam"}
    for first, second in zip(one.results, other.results, strict=True):
        hits = [round(r.estimate * r.n) for r in (first, second)]
        low, high = newcombe(hits[0], first.n, hits[1], second.n, level=0.999)
        assert low <= 0 <= high, (first, second)


def test_a_place_that_weighs_more_is_read_better():
    model = OracleModel(first=3.0, noise=2.0)
    found = AUDIT.run(oracle_subject(pictures=40, model=model), Settings(probes=("ridge",)))
    group = "3 objects, short captions"
    first, last = (
        result(found, "TOC by ridge", f"{group}, {place} mentioned") for place in ("1st", "3rd")
    )
    assert first.low > last.high
    assert last.n == first.n


def test_slots_tell_the_large_object_better_than_the_small_ones():
    """Each slot has directions of its own here, as where a thing stands is seen in its vector."""
    subject = oracle_subject(pictures=336, singles=False)
    rng = np.random.default_rng(0)
    things = unit(rng.normal(size=(3, len(NAMES), WIDTH)))
    for row, picture in enumerate(subject.records):
        total = 1.5 * unit(rng.normal(size=WIDTH))
        for thing in picture["objects"]:
            weight = 2.5 if thing["size"] == "large" else 0.7
            total = total + weight * things[thing["slot"], NAMES.index(thing["name"])]
        subject.vectors[row] = unit(total)
    found = AUDIT.run(subject, Settings(number=20, pictures=336))
    for kind in ("ridge", "adam"):
        large = result(found, f"IOC by {kind}", "all, large")
        assert large.low > result(found, f"IOC by {kind}", "all, small").high
        assert 0.15 * 336 < large.n < 0.25 * 336


def test_splits_by_sets_leave_no_set_of_objects_on_both_sides_and_the_papers_do():
    subject = oracle_subject(pictures=100)
    settings = Settings(probes=("ridge",), number=0)
    apart = AUDIT.run(subject, settings)
    together = AUDIT.run(subject, settings.model_copy(update={"split": "samples"}))
    assert not any("trained on together" in note for note in apart.notes)
    assert any(
        note.startswith("TOC, 3 objects") and "trained on together" in note
        for note in together.notes
    )


def test_too_few_samples_are_told_and_no_number_is_given():
    found = AUDIT.run(oracle_subject(pictures=8, singles=False), Settings(number=8))
    assert found.results == ()
    assert sum("too few to train on" in note for note in found.notes) == 2
    assert found.outcomes.num_rows == 0


def test_a_model_without_texts_is_told_so():
    classifier = oracle_subject(pictures=5, model=OracleModel(kind="classifier"))
    assert "no text tower" in AUDIT.misfit(classifier)


@pytest.mark.parametrize("order", ["permutations", "combinations"])
def test_both_orders_of_captions_can_be_probed(order):
    found = AUDIT.run(
        oracle_subject(pictures=5), Settings(probes=("ridge",), number=50, captions=order)
    )
    keys = [key for key in found.outcomes["key"].to_pylist() if " and " in key]
    ascending = [sorted(key.replace("an ", "a ").split(" and ")) for key in keys]
    listed = [key.replace("an ", "a ").split(" and ") for key in keys]
    assert (ascending == listed) == (order == "combinations")
