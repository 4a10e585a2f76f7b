"""Verifying a set of found images names whatever is wrong with it, where it is."""

import json
import shutil
from hashlib import sha256
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from found_images import encoded
from mined_set import mined_set

import benchwright as bw
from benchwright import shards
from benchwright.dataset import Dataset, Row, Shard
from benchwright.dataset_tables import write_tables

FIRST = "counteranimal/common-00000.tar"


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    return mined_set(tmp_path_factory.mktemp("mined"))


@pytest.fixture
def folder(whole, tmp_path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "set"))


def _said(folder):
    return [f"{p.where}: {p.what}" for p in bw.verify(folder, workers=1).problems]


def _forged(folder: Path, change) -> None:
    """Change the first sample's members as a forger would: every digest fits what is there."""
    dataset = Dataset.open(folder)
    parts = []
    for shard in dataset.shards:
        rows, segments = dataset.rows(shard.shard), []
        for row in rows:
            blocks = shards.read_segment(folder / shard.shard, row.placement)
            held = {n.partition(".")[2]: b for n, b in shards.members(blocks).items()}
            if row is rows[0] and shard.shard == FIRST:
                change(held)
            segments.append(shards.segment(row.key, held))
        written = shards.write(folder / shard.shard, segments)
        renewed = [
            Row(**{**{f: getattr(r, f) for f in Row.__slots__}, "offset": p.offset,
                   "bytes": p.bytes, "sha256": p.sha256})
            for r, p in zip(rows, written.placements, strict=True)
        ]  # fmt: skip
        fields = {f: getattr(shard, f) for f in Shard.__slots__}
        parts.append((Shard(**{**fields, "bytes": written.bytes, "sha256": written.sha256}),
                      renewed))  # fmt: skip
    write_tables(folder, parts)


def _record(held, **changes):
    record = json.loads(held["json"])
    held["json"] = json.dumps({**record, **changes}).encode()


FORGERIES = {
    "label": (lambda held: _record(held, label=1), "label 1 is not the number of class"),
    "class": (lambda held: _record(held, **{"class": "emu"}), 'class "emu" is not the manifest'),
    "cls": (lambda held: held.update(cls=b"2"), "cls: b'2', the record says 0"),
    "cls is no number": (lambda held: held.update(cls=b"__import__"), "the record says 0"),
    "group": (lambda held: _record(held, group="counter"), "lies in split common"),
    "group unknown": (lambda held: _record(held, group="rare"), 'group is "rare"'),
    "half": (lambda held: _record(held, half="third"), 'half is "third"'),
    "class_source": (lambda held: _record(held, class_source="me"), 'class_source is "me"'),
    "size": (lambda held: _record(held, width=65), "64 x 48, the record says 65 x 48"),
    "key": (lambda held: _record(held, key="0" * 16), "its key is 0000000000000000"),
    "image": (lambda held: held.update(jpg=encoded(77)), "not the digest of the image"),
    "no image": (lambda held: held.update(jpg=b"<html>"), "not a readable"),
    "field": (lambda held: _record(held, extra=1), 'key "extra" is not declared'),
    "null": (lambda held: _record(held, creator=None), "expected str, found NoneType"),
    "no json": (lambda held: held.update(json=b"[" * 5000), "json: "),
    "member": (lambda held: held.pop("cls"), "members are"),
}


@pytest.mark.parametrize(("change", "words"), FORGERIES.values(), ids=FORGERIES)
def test_a_sample_that_contradicts_itself_is_named(folder, change, words):
    _forged(folder, change)
    key = Dataset.open(folder).rows(FIRST)[0].key
    said = _said(folder)
    assert any(line.startswith(f"{FIRST}#{key}: ") and words in line for line in said), said


def test_a_whole_set_has_no_problem(whole):
    assert _said(whole) == []


def test_rejects_that_are_missing_or_do_not_add_up_are_named(folder):
    table = pq.read_table(folder / "rejects.parquet")
    pq.write_table(table.slice(1), folder / "rejects.parquet")
    assert any("18 samples and 2 rejects do not make the 21" in line for line in _said(folder))
    (folder / "rejects.parquet").unlink()
    assert any(line.startswith("rejects.parquet: ") for line in _said(folder))


def test_a_reason_that_nobody_knows_is_named(folder):
    rows = pq.read_table(folder / "rejects.parquet")
    renamed = rows.set_column(2, "reason", [["because"] * rows.num_rows])
    pq.write_table(renamed, folder / "rejects.parquet")
    assert any('"because" is no reason' in line for line in _said(folder))


def test_tables_beside_the_shards_are_looked_at(folder):
    (folder / "groups.parquet").write_bytes(b"no table")
    (folder / "sensitivity.json").write_text('[{"setting": 1}]')
    said = _said(folder)
    assert any(line.startswith("groups.parquet: ") for line in said)
    assert any(line.startswith("sensitivity.json: ") for line in said)


def test_a_group_of_no_class_is_named(folder):
    rows = pq.read_table(folder / "groups.parquet")
    renamed = rows.set_column(0, "cls", [["dodo", "bulbul", "ostrich"]])
    pq.write_table(renamed, folder / "groups.parquet")
    assert any('"dodo" is no class of the set' in line for line in _said(folder))


FINDINGS = {
    "class": (lambda made: made["without_pair"].update(dodo="gone"), '"dodo" is no class'),
    "pair": (lambda made: made["without_pair"].update(bulbul="too few"),
             "bulbul has no pair, and a row in groups.parquet"),
    "stability": (lambda made: made["stability"]["ostrich"].pop("ViT-B-32/random, single"),
                  "made.stability: ostrich: no drop is the one in groups.parquet"),
    "matched": (lambda made: made["matched"]["bulbul"].update(raw=0.9),
                "made.matched: bulbul: its drop is not the one in groups.parquet"),
    "interval": (lambda made: made["stability"]["ostrich"]["ViT-L-14/random, single"].update(low=1),
                 "is outside its interval"),
    "counts": (lambda made: made["judge"]["cells"][0].update(right=21), "more than the 40 images"),
    "claims": (lambda made: made["judge"].update(wrong_vouched=13), "more than the 12 wrong"),
    "kappa": (lambda made: made["review"].update(kappa=2), "made.review: an agreement of 2"),
    "people": (lambda made: made["review"].update(disputed=31), "more than the 30 decisions"),
    "kind": (lambda made: made.update(matched=[1]), "made.matched: "),
}  # fmt: skip


@pytest.mark.parametrize(("change", "words"), FINDINGS.values(), ids=FINDINGS)
def test_findings_that_contradict_themselves_or_the_groups_are_named(folder, change, words):
    facts = json.loads((folder / "build.json").read_text())
    change(facts["made"])
    (folder / "build.json").write_text(json.dumps(facts))
    said = _said(folder)
    assert any(line.startswith("build.json: ") and words in line for line in said), said


def test_a_recipe_of_tomorrow_is_no_fault_and_another_recipe_is(folder):
    text = (folder / "recipe.yaml").read_text()
    (folder / "recipe.yaml").write_text(text.replace("licence: cc-by-4.0", "licence: 7"))
    facts = json.loads((folder / "build.json").read_text())
    digest = sha256((folder / "recipe.yaml").read_bytes()).hexdigest()
    (folder / "build.json").write_text(json.dumps({**facts, "recipe_sha256": digest}))
    assert any("recipe.yaml: " in line and "licence" in line for line in _said(folder))
