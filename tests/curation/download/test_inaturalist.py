"""iNaturalist's tables give addresses with licence, creator and observer, class by class."""

import gzip
from collections import Counter

import inaturalist_tables
import pyarrow.parquet as pq
import pytest

from benchwright.curation.download.folder import DownloadFolder
from benchwright.curation.download.inaturalist import LICENCES, PhotoChoice, choose
from benchwright.curation.vocabulary import VocabularyClass
from benchwright.errors import DatasetError

OSTRICH = VocabularyClass("ostrich", taxon="Struthio camelus")
FINCH = VocabularyClass("finch", ("Pyrrhula",))


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    folder = tmp_path_factory.mktemp("open") / "data"
    inaturalist_tables.write(folder)
    return folder


def chosen(source, out, classes=(OSTRICH, FINCH), choice=None):
    choice = choice or PhotoChoice(per_class=100)
    found = choose(source, DownloadFolder(out), list(classes), choice)
    return found, pq.read_table(found.path).to_pylist()


def test_classes_are_taxa_with_all_below_them(source, tmp_path):
    found, rows = chosen(source, tmp_path)
    taxa = {(row["class"], row["taxon"]) for row in rows}
    assert taxa == {
        ("ostrich", "Struthio camelus"),
        ("ostrich", "Struthio camelus australis"),
        ("finch", "Pyrrhula pyrrhula"),
    }
    assert found.chosen == Counter(row["class"] for row in rows)


def test_photographs_carry_what_credit_and_statistics_need(source, tmp_path):
    _, rows = chosen(source, tmp_path)
    for row in rows:
        number = int(row["uid"].removeprefix("photo-"))
        assert row["url"] == (
            f"https://inaturalist-open-data.s3.amazonaws.com/photos/{1000 + number}/medium.jpg"
        )
        assert row["observation"] == f"observation-{number // 2:02d}"
        assert (row["cluster"], row["creator"]) in {("1", 'Ann "A." O\'Hara'), ("2", "ben")}
        assert row["licence"] in LICENCES


def test_only_agreed_observations_and_wanted_licences_one_photograph_each(source, tmp_path):
    found, rows = chosen(source, tmp_path)
    observations = [int(row["observation"][-2:]) for row in rows]
    assert len(set(observations)) == len(observations)
    wanted = [i for i in range(48) if i % 4 != 3 and i % 12 and i % 5 in (0, 1, 2)]
    assert sorted(observations) == wanted
    assert {int(row["uid"][-3:]) % 2 for row in rows} == {0}  # position 0, listed second
    assert found.licences["none"] and found.licences["CC-BY-ND"]
    only, rows = chosen(source, tmp_path / "cc0", choice=PhotoChoice(100, ("cc0",)))
    assert {row["licence"] for row in rows} == {"CC0"}
    assert only.licences == found.licences


def test_samples_are_seeded_and_newest_are_newest(source, tmp_path):
    def uids(name, choice):
        _, rows = chosen(source, tmp_path / name, choice=choice)
        return {row["uid"] for row in rows}

    assert uids("a", PhotoChoice(3)) == uids("b", PhotoChoice(3))
    assert uids("a", PhotoChoice(3)) != uids("c", PhotoChoice(3, seed=1))
    # A larger sample holds the smaller one.
    assert uids("a", PhotoChoice(3)) < uids("d", PhotoChoice(5))
    newest = {int(uid[-3:]) // 2 for uid in uids("e", PhotoChoice(1, order="newest"))}
    assert newest == {45, 46}  # an ostrich and a finch; 47 is neither


def test_a_nested_class_takes_its_taxa_from_the_wider_one(source, tmp_path):
    bird = VocabularyClass("bird", taxon="Aves")
    _, rows = chosen(source, tmp_path, (bird, OSTRICH))
    assert {(row["class"], row["taxon"]) for row in rows} == {
        ("ostrich", "Struthio camelus"),
        ("ostrich", "Struthio camelus australis"),
        ("bird", "Pyrrhula pyrrhula"),
        ("bird", "Aves"),
    }


def test_the_table_is_made_once_a_request(source, tmp_path):
    found, _ = chosen(source, tmp_path)
    made = found.path.stat().st_mtime_ns
    again, _ = chosen(source, tmp_path)
    assert again == found and again.path.stat().st_mtime_ns == made
    other, rows = chosen(source, tmp_path, choice=PhotoChoice(1))
    assert other.path.stat().st_mtime_ns != made and len(rows) == 2


@pytest.mark.parametrize(("classes", "choice", "said"), [
    ([], PhotoChoice(), "need --classes"),
    ([VocabularyClass("ostrich")], PhotoChoice(), "no active taxon is called ostrich"),
    ([VocabularyClass("x", taxon="Struthio old")], PhotoChoice(), "no active taxon"),
    ([VocabularyClass("x", taxon="Oenanthe")], PhotoChoice(), r"\(90, 91\); give the number"),
    ([OSTRICH], PhotoChoice(size="tiny"), 'no size "tiny"'),
    ([OSTRICH], PhotoChoice(order="best"), 'no order "best"'),
])  # fmt: skip
def test_what_cannot_be_chosen_is_one_line(source, tmp_path, classes, choice, said):
    with pytest.raises(DatasetError, match=said):
        chosen(source, tmp_path, classes, choice)


def test_a_taxon_may_be_given_by_number(source, tmp_path):
    _, rows = chosen(source, tmp_path, [VocabularyClass("wheatear", taxon="31")])
    assert {row["taxon"] for row in rows} == {"Pyrrhula pyrrhula"}


def test_a_missing_or_broken_file_is_one_line(source, tmp_path):
    with pytest.raises(DatasetError, match=r"taxa\.csv\.gz is missing"):
        chosen(tmp_path, tmp_path / "out")
    broken = tmp_path / "broken"
    inaturalist_tables.write(broken)
    (broken / "photos.csv.gz").write_bytes(gzip.compress(b"photo_uuid\tno\n1\t2\n"))
    with pytest.raises(DatasetError, match="photos"):
        chosen(broken, tmp_path / "out")
