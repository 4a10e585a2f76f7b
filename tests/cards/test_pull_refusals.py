"""What must not be pulled is refused in one line, and nothing of it lands outside."""

import hashlib
import io
import tarfile
from pathlib import Path

import pytest
from conftest import benchwright, contents
from pulled_versions import HOSTILE, forge, published, tar, tars_of

from benchwright.cards.pull import pull
from benchwright.errors import DatasetError

pytest_plugins = ["hub_server", "pulled_versions"]


@pytest.mark.fault("bad version", "pull")
@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_version_is_refused_in_one_line_and_nothing_lands_outside(case, store, tmp_path):
    files, told, said = HOSTILE[case]
    forge(store, files, **told)
    (tmp_path / "parent").mkdir()
    before = contents(tmp_path)
    with pytest.raises(DatasetError, match=said) as refused:
        pull(f"{store}@9.0.0", tmp_path / "parent" / "got")
    assert "\n" not in str(refused.value)
    assert "\x1b" not in str(refused.value)
    new = set(contents(tmp_path).items() - before.items())
    outside = {name for name, _ in new if not name.startswith(("parent/got/.build/", "cache/"))}
    assert outside <= {"parent/got/pull.json"}
    assert not Path("/tmp/benchwright-x.txt").exists()
    kept = {name: body for name, body in new if name.startswith("parent/got/.build/pull-")}
    digests = {hashlib.sha256(body).digest() for body in kept.values()}
    honest = {hashlib.sha256(files.get("README.md", b"")).digest()}
    if case != "shorter than listed":  # which looks like a cut: what there is of it waits
        assert digests <= honest  # what failed its check is gone


def _tables(built, change):
    """The published files, with ``shards.parquet`` or a shard changed."""
    files = {name: path.read_bytes() for name, path in published(built).items()}
    change(files)
    return files


def _edited_shards(files, **fields):
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = pq.read_table(io.BytesIO(files["shards.parquet"])).to_pylist()
    rows[0].update(fields)
    from benchwright import record_schema

    body = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, record_schema.SHARDS), body)
    files["shards.parquet"] = body.getvalue()


def _hidden_member(files):
    import pyarrow.parquet as pq

    name = pq.read_table(io.BytesIO(files["shards.parquet"]))["shard"][0].as_py()
    body = files[name].rstrip(b"\0")
    body += bytes(-len(body) % 512)
    files[name] = body + tarfile.TarInfo("hidden.txt").tobuf(tarfile.USTAR_FORMAT) + bytes(1024)
    digest = hashlib.sha256(files[name]).hexdigest()
    _edited_shards(files, bytes=len(files[name]), sha256=digest)


OURS = {
    "a shard named outside": (
        lambda files: _edited_shards(files, shard="../../x-00000.tar"), "no name of a shard"),
    "a config that is a path": (
        lambda files: _edited_shards(files, config="../a", shard="../a/b-00000.tar"), "no name"),
    "a null": (lambda files: _edited_shards(files, shard=None), "nulls"),
    "a text without end": (lambda files: _edited_shards(files, plan="x" * 5000), "5,000"),
    "another digest in the tables": (
        lambda files: _edited_shards(files, sha256="0" * 64), "not that of shards.parquet"),
    "another size in the tables": (
        lambda files: _edited_shards(files, bytes=5), "not that of shards.parquet"),
    "a member the manifest lacks": (_hidden_member, "goes on after its last sample"),
    "tables that are none": (lambda files: files.update({"shards.parquet": b"PAR1"}), "Parquet"),
    "a shard that is missing": (
        lambda files: files.pop(next(n for n in files if n.endswith(".tar"))), "not in this"),
}  # fmt: skip


@pytest.mark.fault("bad version", "pull")
@pytest.mark.parametrize("case", OURS)
def test_a_set_that_poses_as_ours_is_refused(case, built, store, tmp_path):
    change, said = OURS[case]
    forge(store, _tables(built, change))
    (tmp_path / "parent").mkdir()
    before = contents(tmp_path)
    with pytest.raises(DatasetError, match=said) as refused:
        pull(f"{store}@9.0.0", tmp_path / "parent" / "got")
    assert "\n" not in str(refused.value)
    new = {name for name, _ in contents(tmp_path).items() - before.items()}
    assert all(name.startswith(("parent/got/", "cache/")) for name in new)
    assert not (tmp_path / "parent" / "got").exists() or not tars_of(tmp_path / "parent" / "got")


def test_a_tar_that_the_tables_do_not_list_is_left_out(built, store, tmp_path):
    forge(store, _tables(built, lambda files: files.update({"two/stray-00000.tar": tar("a.txt")})))
    report = pull(f"{store}@9", tmp_path / "got")
    assert report.left_out == (("two/stray-00000.tar", "shards.parquet does not list it"),)
    assert benchwright("verify", tmp_path / "got").returncode == 0


def test_links_in_the_target_are_not_followed(store, tmp_path):
    pull(str(store), tmp_path / "got", "three")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "got" / "two").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DatasetError, match="a link to somewhere else"):
        pull(str(store), tmp_path / "got", "two")
    assert not list((tmp_path / "elsewhere").iterdir())
