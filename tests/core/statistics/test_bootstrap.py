"""The bootstrap: the same draws everywhere, intervals that cover, clusters kept whole."""

import numpy as np
import pytest
from scipy import stats

from benchwright.statistics import bootstrap
from benchwright.statistics.intervals import wilson


def mean(values):
    return values.mean(axis=-1)


def ratio(top, bottom):
    return top.sum(axis=-1) / bottom.sum(axis=-1)


def test_the_same_seed_gives_the_same_interval_on_any_machine():
    # Raw bits of PCG64 are promised by NumPy; a change here changes published intervals.
    found = bootstrap.percentile(mean, np.arange(10.0), seed=0)
    assert found == bootstrap.percentile(mean, np.arange(10.0), seed=0)
    assert found == pytest.approx((4.5, 2.72, 6.28), abs=0.2)
    assert found != bootstrap.percentile(mean, np.arange(10.0), seed=1)
    indices = next(bootstrap._draws(10, 0, 1))
    assert indices.tolist() == [[0, 3, 3, 7, 5, 1, 8, 1, 0, 9]]


@pytest.mark.parametrize("kind", [bootstrap.percentile, bootstrap.bca])
def test_intervals_agree_with_scipys(kind):
    values = np.random.default_rng(0).exponential(size=60)
    method = {"percentile": "percentile", "bca": "BCa"}[kind.__name__]
    expected = stats.bootstrap((values,), np.mean, method=method, n_resamples=20_000,
                               rng=np.random.default_rng(1)).confidence_interval  # fmt: skip
    found = kind(mean, values, seed=0, resamples=20_000)
    assert found.estimate == pytest.approx(values.mean())
    assert found.low == pytest.approx(expected.low, abs=0.01)
    assert found.high == pytest.approx(expected.high, abs=0.01)


def test_a_share_gets_about_wilsons_interval():
    found = bootstrap.percentile(mean, np.arange(400) < 120, seed=0)
    assert found[1:] == pytest.approx([float(bound) for bound in wilson(120, 400)], abs=0.012)


def test_paired_samples_are_drawn_together():
    bottom = np.random.default_rng(0).uniform(1, 100, 50)
    found = bootstrap.percentile(ratio, 2 * bottom, bottom, seed=0, resamples=200)
    assert found == pytest.approx((2, 2, 2))
    assert bootstrap.bca(ratio, 2 * bottom, bottom, seed=0, resamples=200).high == pytest.approx(2)


def test_the_batch_size_changes_nothing(monkeypatch):
    values = np.random.default_rng(0).normal(size=30)
    whole = bootstrap.bca(mean, values, seed=3, resamples=500)
    monkeypatch.setattr(bootstrap, "BATCH_CELLS", 100)
    assert bootstrap.bca(mean, values, seed=3, resamples=500) == pytest.approx(whole)


def test_clusters_that_err_together_widen_the_interval():
    generator = np.random.default_rng(0)
    right = np.repeat(generator.random(40) < 0.5, 10)
    by_cluster = np.stack([right.reshape(40, 10).sum(axis=1), np.full(40, 10)], axis=1)
    by_image = np.stack([right, np.ones(400)], axis=1)

    def share(totals):
        return totals[:, 0] / totals[:, 1]

    clusters = bootstrap.clustered(share, by_cluster, seed=0)
    images = bootstrap.clustered(share, by_image, seed=0)
    assert clusters.estimate == images.estimate
    # The root of the cluster's size, all images of a cluster being alike.
    widened = (clusters.high - clusters.low) / (images.high - images.low)
    assert widened == pytest.approx(np.sqrt(10), rel=0.1)


def test_resamples_without_a_figure_are_left_out():
    found = bootstrap.clustered(
        lambda totals: np.where(totals[:, 0] > 0, totals[:, 0], np.nan), np.eye(3)[:, :1], seed=0
    )
    assert found.low >= 1


def test_percentile_intervals_cover():
    generator = np.random.default_rng(5)
    held = 0
    for number in range(300):
        found = bootstrap.percentile(mean, generator.normal(size=50), seed=number, resamples=400)
        held += found.low <= 0 <= found.high
    low, high = wilson(held, 300, 0.999)
    assert low <= 0.94 <= high


@pytest.mark.parametrize("samples", [(), ([],), ([1, 2], [1])])
def test_samples_that_cannot_be_resampled_are_refused(samples):
    with pytest.raises(ValueError, match="of one length that is not 0"):
        bootstrap.percentile(ratio, *samples, seed=0)
