"""The null proof: shuffled background labels give a discovery no more often than asked for."""

import numpy as np
import pytest
from scipy import stats
from simulated_rows import group_rows_of, planted, scored, simulated, table_of

from benchwright.curation.mining import null
from benchwright.curation.mining.confirm import confirm
from benchwright.curation.mining.groups import tabulate
from benchwright.curation.mining.pairs import Rule, find, original_rule


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    truth, sizes, _ = planted(0)
    with scored(tmp_path_factory.mktemp("null"), simulated(0, truth, sizes)) as rows:
        return tabulate(rows)


def test_shuffled_labels_give_nothing(table):
    report = null.permute(table, 200, seed=0)
    assert report.classes == 45
    assert report.holds, report
    # The same shuffles by best and worst of all images: nearly every class, and all are false.
    assert report.original_discoveries == report.permutations
    assert report.original_pairs > 20


@pytest.mark.slow
@pytest.mark.parametrize("rule", Rule)
def test_a_thousand_shuffles_and_more_give_nothing(table, rule):
    report = null.permute(table, 4000, seed=0, rule=rule)
    found = f"{report.discoveries} of {report.permutations} shuffles with any discovery"
    limit = f"{100 * report.share:.2f} %, limit {100 * report.limit:.2f} %"
    original = f"{report.original_pairs:.1f} of {report.classes} classes a shuffle"
    print(f"\nnull, by {rule}: {found}: {limit}; originals' rule {original}")  # noqa: T201
    assert report.holds, report


def test_the_proof_sees_a_miner_that_finds_and_tests_on_the_same_images(table):
    # Best against worst of four backgrounds, tested on the very counts that chose them.
    counts = null._counts(table)
    shuffled = null._shuffled(counts, 100, np.random.default_rng(0))
    shuffled[..., 2:] = shuffled[..., :2]
    assert null._confirmed(shuffled, Rule.ACCURACY, 20, 0.05).any(axis=-1).mean() > 5 * 0.05


def test_a_shuffle_keeps_images_answers_halves_and_sizes(table):
    counts = null._counts(table)
    shuffled = null._shuffled(counts, 50, np.random.default_rng(0))
    assert (shuffled >= 0).all()
    assert (shuffled.sum(axis=-1) == counts.sum(axis=-1)).all()
    assert (shuffled.sum(axis=2) == counts.sum(axis=1)).all()


def test_a_shuffle_is_drawn_as_shuffling_rows_would_be(tmp_path):
    rows = [*group_rows_of("owl", "sky", "discovery", 5, 3),
            *group_rows_of("owl", "tree", "confirmation", 4, 8)]  # fmt: skip
    with scored(tmp_path, table_of(rows)) as connection:
        counts = null._counts(tabulate(connection))
    dealt = null._shuffled(counts, 20_000, np.random.default_rng(0))[:, 0, 0, 0]
    # Right discovery images among the 8 of "sky": 5 such of 20 images in all.
    seen = np.bincount(dealt, minlength=6)
    expected = stats.hypergeom.pmf(np.arange(6), 20, 5, 8) * len(dealt)
    assert stats.chisquare(seen, expected).pvalue > 1e-3


def test_mining_the_counts_is_mining_the_table(table):
    verdicts = {verdict.cls: verdict.confirmed for verdict in confirm(table, find(table))}
    found = null._confirmed(null._counts(table)[None], Rule.ACCURACY, 20, 0.05)[0]
    assert found.tolist() == [verdicts[cls] for cls in table.classes]


def test_the_originals_rule_on_the_counts_is_that_on_the_table(table):
    named = null._by_original_rule(null._counts(table)[None])[0]
    assert {cls for cls, said in zip(table.classes, named, strict=True) if said} == {
        *original_rule(table)
    }


def test_the_same_seed_shuffles_alike(table):
    assert null.permute(table, 100, seed=4) == null.permute(table, 100, seed=4)
