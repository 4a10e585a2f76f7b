"""verify finds what is wrong and names it, each thing by its place."""

import json
import shutil
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from conftest import TINY, benchwright

from benchwright import dataset as files
from benchwright import shards
from benchwright.dataset import Dataset
from benchwright.dataset_tables import write_tables

SHARD = "two/left_big-00001.tar"


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("verify")
    (folder / "tiny.yaml").write_text(TINY)
    ran = benchwright("build", folder / "tiny.yaml", "--out", folder / "set")
    assert ran.returncode == 0, ran.stderr
    return folder / "set"


@pytest.fixture
def folder(sound, tmp_path) -> Path:
    return Path(shutil.copytree(sound, tmp_path / "set"))


def _problems(folder: Path, *options: str) -> list[tuple[str, str]]:
    ran = benchwright("verify", folder, "--json", *options)
    assert ran.returncode in (0, 1), ran.stderr
    found = [(p["where"], p["what"]) for p in json.loads(ran.stdout)["problems"]]
    assert ran.returncode == bool(found)
    return found


def _rewrite(folder: Path, change) -> str:
    """Change one record and mend every digest after it, as a careless tool would; its place."""
    dataset = Dataset.open(folder)
    rows = dataset.rows(SHARD)
    segments = [shards.read_segment(folder / SHARD, row.placement) for row in rows]
    members = shards.members(segments[0])
    record = json.loads(members[f"{rows[0].key}.json"])
    change(record)
    members[f"{rows[0].key}.json"] = json.dumps(record).encode()
    plain = {name.partition(".")[2]: content for name, content in members.items()}
    written = shards.write(folder / SHARD, [shards.segment(rows[0].key, plain), *segments[1:]])
    parts = []
    for shard, old in ((s, dataset.rows(s.shard)) for s in dataset.shards):
        if shard.shard != SHARD:
            parts.append((shard, old))
            continue
        new = [replace(r, **asdict(p)) for r, p in zip(old, written.placements, strict=True)]
        parts.append((replace(shard, bytes=written.bytes, sha256=written.sha256), new))
    write_tables(folder, parts)
    build = json.loads((folder / files.BUILD).read_text())
    build["dataset_sha256"] = Dataset.open(folder).digest
    files.write_json(folder / files.BUILD, build)
    return f"{SHARD}#{rows[0].key}"


def test_a_fresh_dataset_is_sound(folder):
    assert _problems(folder) == []


def test_a_flipped_byte_is_found_in_its_sample(folder):
    row = Dataset.open(folder).rows(SHARD)[2]
    body = bytearray((folder / SHARD).read_bytes())
    body[row.offset + 700] ^= 1
    (folder / SHARD).write_bytes(body)
    found = _problems(folder, "--workers", "2")
    assert (SHARD, "its sha256 is not the recorded one") in found
    assert (f"{SHARD}#{row.key}", "its bytes are not those recorded (sha256 differs)") in found
    assert {where.partition("#")[2] for where, _ in found} == {"", row.key}


def test_a_missing_shard_is_named(folder):
    (folder / SHARD).unlink()
    assert _problems(folder) == [(SHARD, "the shard is missing")]


def test_a_truncated_shard_is_named_with_the_samples_it_lost(folder):
    rows = Dataset.open(folder).rows(SHARD)
    body = (folder / SHARD).read_bytes()
    (folder / SHARD).write_bytes(body[: rows[-1].offset + 10])
    found = _problems(folder)
    assert found[0][0] == SHARD
    assert "truncated" in found[0][1]
    assert [where for where, _ in found[1:]] == [f"{SHARD}#{rows[-1].key}"]


def test_a_shard_nobody_listed_is_found(folder):
    shutil.copy(folder / SHARD, folder / "two" / "left_big-00099.tar")
    assert [where for where, _ in _problems(folder)] == ["two/left_big-00099.tar"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda r: r.update(width=128.0), "record.width: expected int, found float"),
        (lambda r: r["objects"][0].update(box=[0, 0, 5, 5]), "box is [0, 0, 5, 5], the mask's is"),
        (lambda r: r["objects"][1].update(visible_area=7), "visible_area is 7, the mask has"),
        (lambda r: r["objects"][1].update(full_area=99999), "full_area is 99999, recomposed it is"),
        (lambda r: r["objects"][0].update(yaw=5), "not the digest of the scene"),
        (lambda r: r["objects"][0].update(scale=1e9), "not the digest of the scene"),
        (lambda r: r["objects"][0].update(name="\ud800"), "not valid Unicode"),
        (lambda r: r["objects"][0].update(depth=99.0), "depth is 99.0, its place is at"),
        (lambda r: r["captions"][0].update(text="a lie"), 'is "a lie", its order gives'),
        (lambda r: r.update(captions=[]), "there is no caption"),
        (lambda r: r["captions"][0].update(order=[0, 0]), "does not name each of 2 objects once"),
        (lambda r: r.pop("camera"), 'key "camera" is missing'),
        (lambda r: r.update(height=64), "the record says (64, 128, 3)"),
    ],
)
def test_a_record_that_disagrees_is_named_though_every_digest_fits(folder, change, message):
    where = _rewrite(folder, change)
    found = _problems(folder)
    assert {place for place, _ in found} == {where}
    assert any(message in what for _, what in found), found


@pytest.mark.parametrize("name", ["README.md", "build.json", "recipe.yaml", "two/_info.json"])
def test_a_missing_file_of_the_folder_is_named(folder, name):
    (folder / name).unlink()
    assert name in {where for where, _ in _problems(folder)}


@pytest.mark.parametrize("name", ["manifest.parquet", "shards.parquet"])
def test_a_broken_table_is_one_line(folder, name):
    (folder / name).write_bytes(b"not parquet")
    ran = benchwright("verify", folder)
    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1)
    assert name in ran.stderr


def test_digests_find_what_is_wrong_with_bytes_where_verify_does(folder):
    dataset = Dataset.open(folder)
    row, other = dataset.rows(SHARD)[2], dataset.shards[-1].shard
    body = bytearray((folder / SHARD).read_bytes())
    body[row.offset + 700] ^= 1
    (folder / SHARD).write_bytes(body)
    with (folder / other).open("ab") as file:
        file.write(b"more")
    (folder / "two" / "stray-00000.tar").write_bytes(b"")
    (folder / dataset.shards[0].shard).unlink()
    found = _problems(folder, "--digests")
    assert (f"{SHARD}#{row.key}", "its bytes are not those recorded (sha256 differs)") in found
    assert (other, "4 bytes longer than recorded") in found
    assert set(found) == {problem for problem in _problems(folder) if "jpg" not in problem[1]}


def test_digests_name_the_samples_that_are_cut_off(folder):
    rows = Dataset.open(folder).rows(SHARD)
    with (folder / SHARD).open("r+b") as file:
        file.truncate(rows[2].offset + 10)
    cut = [f"{SHARD}#{row.key}" for row in rows[2:]]
    found = _problems(folder, "--digests")
    assert sorted(where for where, _ in found) == sorted([SHARD, *cut])
    assert found == _problems(folder)


def test_digests_open_no_sample(folder):
    _rewrite(folder, lambda record: record.update(width=1))
    assert _problems(folder) and not _problems(folder, "--digests")
    said = benchwright("verify", folder, "--digests").stderr
    assert "every byte hashed, no sample opened" in said and "recomposed" not in said


def test_digests_of_a_manifest_with_a_hole(folder):
    dataset = Dataset.open(folder)
    parts = [(s, dataset.rows(s.shard)[s.shard == SHARD :]) for s in dataset.shards]
    write_tables(folder, parts)
    found = _problems(folder, "--digests")
    assert any(where == SHARD and "belong to no sample" in what for where, what in found)
    assert found == _problems(folder)


@pytest.mark.parametrize(("change", "sample"), [
    ({"objects": ("another",)}, False), ({"sha256": "0" * 64}, True),
])  # fmt: skip
def test_a_manifest_that_is_not_the_one_built_is_found_by_digests_and_made_anew(
    folder, tmp_path, change, sample
):
    built = (folder / files.MANIFEST).read_bytes()
    dataset = Dataset.open(folder)
    parts = [(s, dataset.rows(s.shard)) for s in dataset.shards]
    parts[0][1][0] = replace(first := parts[0][1][0], **change)
    write_tables(tmp_path, parts)
    shutil.copy(tmp_path / files.MANIFEST, folder)
    found = dict(_problems(folder, "--digests"))
    assert "not the one that shards.parquet was written with" in found.pop(files.MANIFEST)
    assert list(found) == [f"{first.shard}#{first.key}"] * sample
    benchwright("build", folder / files.RECIPE, "--out", folder)
    assert (folder / files.MANIFEST).read_bytes() == built
