"""Halves: a pure function of seed and cluster, the same in Python and in DuckDB."""

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulated_rows import BACKGROUNDS, scored, simulated

from benchwright.curation.mining.groups import tabulate
from benchwright.curation.mining.halves import Half, balance, half_of, half_sql
from benchwright.statistics.intervals import wilson

# DuckDB strings hold any text but NUL; Parquet strings none of the surrogates.
NAMES = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), min_size=1)


@pytest.fixture(scope="module")
def database():
    with duckdb.connect() as connection:
        yield connection


@given(
    st.lists(NAMES, min_size=1, max_size=20),
    st.integers(-5, 2**40),
    st.sampled_from([0.5, 0.3, 0.999]),
)
def test_duckdb_draws_the_same_halves(database, names, seed, discovery):
    query = f"SELECT {half_sql(seed, 'name', 'name', discovery)} FROM (SELECT unnest(?) AS name)"
    found = [row[0] for row in database.execute(query, [names]).fetchall()]
    assert found == [half_of(seed, name, discovery) for name in names]


def test_an_image_without_a_cluster_is_drawn_by_its_key(database):
    query = f"SELECT {half_sql(0)} FROM (SELECT '' AS cluster, ? AS key)"
    for key in map(str, range(20)):
        assert database.execute(query, [key]).fetchone() == (half_of(0, key),)


def test_halves_are_even_and_seeds_differ():
    first = [half_of(0, f"photographer {i}") for i in range(4000)]
    low, high = wilson(first.count(Half.DISCOVERY), 4000, 0.999)
    assert low <= 0.5 <= high
    second = [half_of(1, f"photographer {i}") for i in range(4000)]
    same = sum(a == b for a, b in zip(first, second, strict=True))
    low, high = wilson(same, 4000, 0.999)
    assert low <= 0.5 <= high


@given(NAMES)
def test_a_larger_discovery_share_takes_nothing_back(name):
    if half_of(3, name, 0.4) is Half.DISCOVERY:
        assert half_of(3, name, 0.6) is Half.DISCOVERY


@pytest.mark.parametrize("discovery", [0, 1, 50])
def test_an_impossible_share_is_refused(discovery):
    with pytest.raises(ValueError, match="lies between 0 and 1"):
        half_of(0, "a", discovery)


def test_balance_counts_each_background_and_no_cluster_is_split(tmp_path):
    truth = {("owl", background): 0.5 for background in BACKGROUNDS}
    sizes = dict.fromkeys(truth, 400)
    with scored(tmp_path, simulated(0, truth, sizes, cluster_size=4)) as rows:
        found = balance(tabulate(rows))
    assert [(row.cls, row.background) for row in found] == sorted(truth)
    for row in found:
        assert row.discovery + row.confirmation == 400
        assert row.clusters == 100  # would be more if a cluster lay in both halves
        low, high = wilson(row.discovery / 4, 100, 0.9999)
        assert low <= 0.5 <= high
        assert row.share == row.discovery / 400
