"""A run accounts for every sample, goes on where it was stopped, and never mixes two things up."""

import json
import os
import shutil
import tarfile
from collections import Counter

import numpy as np
import open_clip
import pyarrow.parquet as pq
import pytest
import safetensors.torch
from tar_shards import BAD, TINY_CLIP, numbered, picture, write_tar, write_tiny_clip
from typer.testing import CliRunner

import benchwright as bw
from benchwright.cli import app
from benchwright.curation.embed.run import RejectionLimitError
from benchwright.curation.embeddings import EmbeddingSet
from benchwright.dataset import Dataset
from benchwright.errors import BenchwrightError, DatasetError
from benchwright.lock import locked
from benchwright.rejection import Reason

BAD_HERE = {key: BAD[key] for key in ("page", "cut", "bomb", "imageless")}


@pytest.fixture(scope="module")
def tiny_id(tmp_path_factory):
    return write_tiny_clip(tmp_path_factory.mktemp("model"))


def write_shards(folder):
    """Three shards of 20, 7 and 30 samples, four of them bad."""
    write_tar(folder / "00000.tar", numbered(20))
    write_tar(folder / "00001.tar", {**numbered(3, 20), **BAD_HERE})
    write_tar(folder / "00002.tar", numbered(30, 23))
    return folder


@pytest.fixture
def shards(tmp_path):
    return write_shards(tmp_path / "shards")


@pytest.fixture(scope="module")
def done_once(tmp_path_factory, tiny_id):
    """Those shards, embedded."""
    folder = write_shards(tmp_path_factory.mktemp("once") / "shards")
    return folder, embed(folder, tiny_id)


@pytest.fixture
def done(tmp_path, done_once):
    """A copy of them, to be changed at will, and their set."""
    folder = tmp_path / "shards"
    shutil.copytree(done_once[0], folder)  # keeps times, as resuming expects
    (made,) = (folder / "embeddings").iterdir()
    return folder, EmbeddingSet.open(made)


def embed(shards, model, **options):
    return bw.embed(shards, model, **{"workers": 1, "batch": 16, **options})


def everything(embeddings):
    """Key to (vector, row) of a whole set; keys are distinct in these tests."""
    found = {}
    for part in embeddings.parts:
        rows = embeddings.metadata(part).to_pylist()
        for vector, row in zip(embeddings.vectors(part), rows, strict=True):
            assert row["key"] not in found, "doubled"
            found[row["key"]] = (np.array(vector), row)
    return found


def close(one, other):
    """Same keys and rows; vectors to a unit in the last place of float16."""
    assert one.keys() == other.keys()
    for key, (vector, row) in one.items():
        assert row == other[key][1]
        assert np.abs(vector.astype("f4") - other[key][0].astype("f4")).max() <= 2**-11


def test_every_sample_is_embedded_or_rejected_with_its_reason(done_once, tiny_id):
    shards, report = done_once
    (found,) = report.sets
    assert found.folder.parent == shards / "embeddings" and found.folder.name.endswith("--exact")
    assert sorted(everything(found)) == sorted(numbered(53))
    assert report.samples == 57
    assert Counter(report.reasons) == {
        Reason.UNDECODABLE: 2, Reason.TOO_MANY_PIXELS: 1, Reason.NO_IMAGE: 1
    }  # fmt: skip
    assert [part.shard for part in found.parts] == ["00000.tar", "00001.tar", "00002.tar"]
    again = embed(shards, tiny_id)
    assert (again.shards, again.kept, again.samples) == (0, 3, 0)
    assert again.sets[0].parts == found.parts


def test_only_what_changed_is_embedded_anew_and_numbers_stay(done, tiny_id):
    shards, before = done
    write_tar(shards / "00001.tar", numbered(9, 100))
    write_tar(shards / "00000a.tar", numbered(2, 200))
    shutil.copy2(shards / "00002.tar", shards / "copy")  # same bytes, another time
    os.utime(shards / "copy", (1, 1))
    (shards / "copy").replace(shards / "00002.tar")
    report = embed(shards, tiny_id)
    assert (report.shards, report.kept) == (2, 2)
    after = report.sets[0]
    assert {part.shard: part.number for part in after.parts} == {
        "00000.tar": 0, "00001.tar": 1, "00002.tar": 2, "00000a.tar": 3
    }  # fmt: skip
    assert [p for p in after.parts if p.number in (0, 2)] == [before.parts[0], before.parts[2]]
    assert len(everything(after)) == 20 + 9 + 30 + 2


def test_a_second_model_is_added_without_the_first_computing_again(done, tiny_id, tmp_path):
    shards, first = done
    other = tmp_path / "other.json"
    other.write_text(json.dumps({**TINY_CLIP, "embed_dim": 24}))
    written = [part.metadata_file(first.folder).stat().st_mtime_ns for part in first.parts]
    report = embed(shards, [tiny_id, f"{other}/random"])
    assert [embeddings.identity.width for embeddings in report.sets] == [16, 24]
    assert written == [part.metadata_file(first.folder).stat().st_mtime_ns for part in first.parts]
    assert everything(report.sets[0]).keys() == everything(report.sets[1]).keys()


def test_a_folder_of_another_model_is_refused(done, tiny_id):
    shards, folder = done[0], done[1].folder
    facts = json.loads((folder / "model.json").read_text())
    facts["model"]["sha256"] = "0" * 64
    (folder / "model.json").write_text(json.dumps(facts))
    with pytest.raises(DatasetError, match="holds embeddings of"):
        embed(shards, tiny_id)


def test_the_mode_is_part_of_what_a_set_holds(done, tiny_id):
    shards, folder = done[0], done[1].folder
    folder.rename(folder.with_name(folder.name.replace("--exact", "--fast")))
    with pytest.raises(DatasetError, match=r"\(exact, .*not of .*\(fast, "):
        embed(shards, tiny_id, mode="fast")


def test_parts_of_another_key_are_made_anew_under_their_numbers(done, tiny_id):
    """As after an earlier version, whose parts did not say what they were made by."""
    shards, before = done
    expected = everything(before)
    for part in before.parts[:2]:
        path = part.metadata_file(before.folder)
        table = pq.read_table(path)
        facts = json.loads(table.schema.metadata[b"benchwright"])
        del facts["made_by"]
        pq.write_table(table.replace_schema_metadata({"benchwright": json.dumps(facts)}), path)
    report = embed(shards, tiny_id)
    assert (report.shards, report.kept) == (2, 1)
    assert report.sets[0].parts == before.parts
    close(expected, everything(report.sets[0]))


@pytest.mark.slow
def test_two_devices_share_the_shards(done, tiny_id, tmp_path):
    shards, one = done
    two = embed(shards, tiny_id, device="cpu,cpu", workers=2, out=tmp_path / "two").sets[0]
    assert [part.shard for part in two.parts] == [part.shard for part in one.parts]
    close(everything(one), everything(two))


def test_two_runs_in_one_folder_are_one_and_a_message(done, tiny_id):
    shards, folder = done[0], done[1].folder
    with locked(folder), pytest.raises(DatasetError, match="at work here"):
        embed(shards, tiny_id)


def test_a_broken_shard_gives_what_is_whole_and_says_so(shards, tiny_id):
    whole = (shards / "00002.tar").read_bytes()
    (shards / "00002.tar").write_bytes(whole[: len(whole) // 2])
    ran = CliRunner().invoke(app, ["embed", str(shards), "--model", tiny_id, "--workers", "1",
                                   "--batch", "16", "--json"])  # fmt: skip
    assert ran.exit_code == 1, ran.output
    report = json.loads(ran.stdout)
    assert list(report["broken"]) == ["00002.tar"]
    assert report["reasons"][Reason.BROKEN_SHARD] == 1
    assert 23 < report["sets"][0]["samples"] < 53
    (shards / "00002.tar").write_bytes(whole)  # fetched again: embedded again
    assert len(everything(embed(shards, tiny_id).sets[0])) == 53


def test_too_many_unreadable_samples_stop_the_run_with_reasons(tmp_path, tiny_id):
    pages = {f"{n:03d}": {"jpg": b"<html>"} for n in range(9)}
    write_tar(tmp_path / "a.tar", {**numbered(20, 100), **pages})
    with pytest.raises(RejectionLimitError, match="not a whole image 9") as error:
        embed(tmp_path, tiny_id)
    assert error.value.reasons == {Reason.UNDECODABLE: 9}
    assert embed(tmp_path, tiny_id, most_rejected=0.5).sets[0].samples == 20


def test_a_model_that_gives_no_numbers_has_its_samples_rejected(tmp_path):
    config = tmp_path / "nan.json"
    config.write_text(json.dumps(TINY_CLIP))
    network = open_clip.CLIP(**TINY_CLIP).state_dict()
    network["visual.proj"][0, 0] = float("nan")
    safetensors.torch.save_file(network, tmp_path / "nan.safetensors")
    write_tar(tmp_path / "a.tar", numbered(5))
    with pytest.raises(BenchwrightError, match=f"{Reason.NOT_FINITE} 5"):
        embed(tmp_path, f"{config}@{tmp_path / 'nan.safetensors'}")


def test_a_dataset_of_ours_is_embedded_with_its_captions(tiny, tmp_path, tiny_id):
    folder = tmp_path / "set"
    bw.build(tiny, folder, overrides=["limit=3", "twins=null"], workers=1)
    found = everything(embed(folder, tiny_id).sets[0])
    assert len(found) == sum(shard.samples for shard in Dataset.open(folder).shards) > 5
    assert all(row["caption"] and row["saliency"] > 0 for _, row in found.values())
    assert bw.verify(folder, workers=1).problems == ()


@pytest.mark.parametrize("left", ["vectors", "rejects", "nothing listed"])
def test_a_run_killed_between_two_files_is_mended_by_the_next(done, tiny_id, left):
    shards, before = done
    expected = everything(before)
    part = before.parts[1]
    if left == "nothing listed":
        (before.folder / "parts.json").unlink()
    else:  # metadata comes last: without it the part is not there
        part.metadata_file(before.folder).unlink()
        if left == "vectors":
            part.rejects_file(before.folder).unlink()
    (before.folder / "img_emb" / ".img_emb_0001.npy.1.partial").write_bytes(b"half")
    report = embed(shards, tiny_id)
    assert report.shards == (0 if left == "nothing listed" else 1)
    assert report.sets[0].parts == before.parts
    close(expected, everything(report.sets[0]))
    assert not list(before.folder.rglob("*.partial"))


@pytest.mark.fault("bad tar", "embed")
def test_hostile_tars_change_nothing_outside_and_are_named(tmp_path, tiny_id):
    folder = tmp_path / "shards"
    path = write_tar(folder / "a.tar", {**numbered(6), "../../escaped": {"png": picture()}})
    with tarfile.open(path, "a") as tar:
        link = tarfile.TarInfo("evil.jpg")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    report = embed(folder, tiny_id)
    assert "no plain file" in report.broken["a.tar"]
    assert report.sets[0].samples == 7
    assert not list(tmp_path.rglob("escaped*"))


@pytest.mark.gpu
def test_a_cuda_run_gives_what_a_cpu_run_gives(shards, tiny_id, tmp_path):
    cpu = embed(shards, tiny_id).sets[0]
    cuda = embed(shards, tiny_id, device="cuda", dtype="float32", out=tmp_path / "cuda").sets[0]
    one, other = everything(cpu), everything(cuda)
    assert one.keys() == other.keys()
    for key, (vector, _) in one.items():
        assert np.dot(vector.astype("f4"), other[key][0].astype("f4")) > 0.999
