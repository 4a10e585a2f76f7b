"""The same picture stays once, the best of it; what belongs together shares a cluster."""

import itertools

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pictures import labels, row, write_set

from benchwright.curation.filtering.clusters import CLUSTERED, dedup
from benchwright.curation.filtering.duplicates import BAND_BITS, BANDS, flips
from benchwright.curation.filtering.filters import thresholds
from benchwright.curation.filtering.stage import Columns, filter_part
from benchwright.filter_settings import Dedup, Filters
from benchwright.label_settings import Label
from benchwright.rejection import Reason

APART = np.eye(4, dtype=np.float16)
LIMITS = thresholds(Filters(), Label())


def run(tmp_path, parts, vectors, **settings):
    """Key to its row of the dedup step, and the counts."""
    images = write_set(tmp_path / "set", parts, [np.asarray(v) for v in vectors])
    filtered = [tmp_path / f"filters_{part.name}.parquet" for part in images.parts]
    for rows, part, path in zip(parts, images.parts, filtered, strict=True):
        filter_part(Columns.of(images.metadata(part), labels(rows), {}), LIMITS, path)
    counts = dedup(images, filtered, Dedup(**settings), tmp_path / "clusters")
    found = {}
    for rows, part in zip(parts, images.parts, strict=True):
        table = pq.read_table(tmp_path / "clusters" / f"clusters_{part.name}.parquet")
        assert table.schema.equals(CLUSTERED)
        assert table.column("key").to_pylist() == [r["key"] for r in rows]
        found.update({line["key"]: line for line in table.to_pylist()})
    assert {path.name for path in (tmp_path / "clusters").iterdir()} == {
        f"clusters_{part.name}.parquet" for part in images.parts
    }
    return found, counts


def test_of_the_same_bytes_the_first_key_stays(tmp_path):
    rows = [row("b", sha256="f" * 64), row("a", sha256="f" * 64), row("c")]
    found, counts = run(tmp_path, [rows], [APART[[0, 0, 1]]])
    assert [found[key]["duplicate_of"] for key in "abc"] == ["", "a", ""]
    assert [found[key]["keep"] for key in "abc"] == [True, False, True]
    assert counts == {"": 2, Reason.NEAR_DUPLICATE: 1}


def test_of_near_duplicates_the_largest_stays_across_parts(tmp_path):
    small, large = row("a", phash=0b111, width=80), row("z", phash=0b001, width=90)
    found, _ = run(tmp_path, [[small], [large]], [APART[:1], APART[:1]])
    assert found["a"]["duplicate_of"] == "z"
    assert found["a"]["cluster"] == found["z"]["cluster"]


def test_hash_or_embedding_alone_make_no_duplicate(tmp_path):
    rows = [row("a", phash=0b111), row("b", phash=0b110), row("c", phash=2**64 - 1)]
    found, _ = run(tmp_path, [rows], [APART[[0, 1, 0]]])
    assert all(line["keep"] for line in found.values())


def test_being_the_same_picture_is_transitive(tmp_path):
    chain = [row(key, phash=0xFFFF << shift) for key, shift in zip("abc", (0, 3, 6), strict=True)]
    found, _ = run(tmp_path, [chain], [APART[[0, 0, 0]]], hamming=7)
    assert [found[key]["duplicate_of"] for key in "abc"] == ["", "a", "a"]


def test_what_the_filters_rejected_neither_stays_nor_stands_for_another(tmp_path):
    rows = [row("a", phash=1, width=1000), row("b", phash=1)]  # too long and narrow
    found, counts = run(tmp_path, [rows], [APART[[0, 0]]])
    assert not found["a"]["keep"] and found["a"]["cluster"] == ""
    assert found["b"]["keep"]
    assert counts[""] == 1


def test_a_photographers_pictures_share_a_cluster_joined_over_duplicates(tmp_path):
    def by(key, who, **fields):
        return row(key, json=f'{{"cluster": "{who}"}}', **fields)

    rows = [by("a", "x"), by("b", "x", phash=7), by("c", "y", phash=7), by("d", "y"), row("e")]
    found, _ = run(tmp_path, [rows], [APART[[0, 1, 1, 2, 3]]])
    clusters = [found[key]["cluster"] for key in "abcde"]
    assert len(set(clusters[:4])) == 1
    assert clusters[4] not in clusters[:4]


def test_a_band_probe_finds_every_pair_within_the_distance():
    @settings(max_examples=200)
    @given(st.integers(1, 2**64 - 1), st.sets(st.integers(0, 63), max_size=11), st.integers(0, 11))
    def law(phash, flipped, hamming):
        other = phash
        for bit in sorted(flipped)[:hamming]:
            other ^= 1 << bit
        bands = [((phash ^ other) >> (BAND_BITS * band)) & 0xFFFF for band in range(BANDS)]
        assert any(band in set(flips(hamming // BANDS)) for band in bands)

    law()


@pytest.mark.parametrize("hamming", [0, 3, 5, 10])
def test_pairs_are_those_of_a_naive_loop(tmp_path, hamming):
    rng = np.random.default_rng(1)
    base = [int(b) for b in rng.integers(1, 2**62, 8)]
    hashes = [b ^ sum(1 << int(bit) for bit in rng.choice(64, n, replace=False))
              for b in base for n in (0, 2, 4, 6)]  # fmt: skip
    rows = [row(f"{i:02d}", phash=h, width=100 + i) for i, h in enumerate(hashes)]
    found, _ = run(tmp_path, [rows], [np.tile(APART[0], (len(rows), 1))], hamming=hamming)
    near = {
        (a, b) for a, b in itertools.combinations(range(len(rows)), 2)
        if (hashes[a] ^ hashes[b]).bit_count() <= hamming
    }  # fmt: skip
    touched = {i for pair in near for i in pair}
    kept = {int(key) for key, line in found.items() if line["keep"]}
    assert all(line["keep"] for key, line in found.items() if int(key) not in touched)
    for a, b in near:  # one picture: one cluster, at most one of them stays
        assert found[f"{a:02d}"]["cluster"] == found[f"{b:02d}"]["cluster"]
        assert not {a, b} <= kept
