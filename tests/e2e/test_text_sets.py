"""Text sets from the command line: built, resumed, grown, verified, loaded."""

import json
import shutil
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from conftest import TINY, benchwright, contents

from benchwright.builders.text import shards
from benchwright.dataset import BUILD, Dataset, write_json
from benchwright.dataset_tables import write_shard_table
from benchwright.shards import file_sha256
from benchwright.text_schema import CAPTION

NAMES = ["cube", "dog", "mug", "apple", "bus", "umbrella"]
RECIPE = {
    "recipe": 1,
    "kind": "text",
    "name": "words",
    "title": "A few captions",
    "objects": {"names": NAMES},
    "templates": ["short", "bare"],
    "shard_size": 25,
    "subsets": [
        {"name": "two", "objects": 2, "captions": {"number": 30, "of_objects": 6}},
        {"name": "four", "objects": 4, "captions": {"number": 60, "of_objects": 6}},
        {"name": "eight", "objects": 3, "templates": ["long"]},
        {"name": "matching", "objects": 2, "contrasts": True,
         "captions": {"number": 36, "of_objects": 6}},
    ],
}  # fmt: skip
SHARD = "four/bare-00001.parquet"


def _build(folder: Path, out: Path, *options, **changes):
    path = folder / "words.yaml"
    path.write_text(yaml.safe_dump({**RECIPE, **changes}))
    ran = benchwright("build", path, "--out", out, "--json", *options)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("text")
    _build(folder, folder / "set", "--workers", 1)
    return folder / "set"


@pytest.fixture
def folder(sound, tmp_path) -> Path:
    return Path(shutil.copytree(sound, tmp_path / "set"))


def _problems(folder: Path, *options: object) -> list[tuple[str, str]]:
    ran = benchwright("verify", folder, "--json", *options)
    assert ran.returncode in (0, 1), ran.stderr
    return [(p["where"], p["what"]) for p in json.loads(ran.stdout)["problems"]]


def _rewrite(folder: Path, change) -> list[dict]:
    """Change one shard's rows and mend every digest after it, as a careless tool would."""
    rows = pq.read_table(folder / SHARD).to_pylist()
    change(rows)
    pq.write_table(pa.Table.from_pylist(rows, CAPTION), folder / SHARD)
    listed = Dataset.open(folder).shards
    write_shard_table(folder, [
        type(s)(s.shard, s.config, s.split, len(rows), (folder / SHARD).stat().st_size,
                file_sha256(folder / SHARD), s.plan) if s.shard == SHARD else s
        for s in listed
    ])  # fmt: skip
    facts = json.loads((folder / BUILD).read_text())
    write_json(folder / BUILD, {**facts, "dataset_sha256": Dataset.open(folder).digest})
    return rows


def test_a_set_is_sound_and_has_the_folder_of_every_set(sound):
    assert _problems(sound) == []
    top = {path.name for path in sound.iterdir() if path.is_file()}
    assert top == {
        "README.md", "recipe.yaml", "build.json", "licences.json", "shards.parquet", "run.json",
    }  # fmt: skip
    built = json.loads((sound / BUILD).read_text())
    assert built["samples"]["four/bare"] == 60
    balance = built["balance"]["four"]["splits"]["bare"]["object x mention"]
    assert (balance["min"], balance["max"], balance["cells"]) == (10, 10, 24)
    assert built["balance"]["matching"]["splits"]["short"]["object x absent"]["spread"] == 0


def test_the_same_bytes_from_any_number_of_workers(sound, tmp_path):
    _build(tmp_path, tmp_path / "again", "--workers", 3)
    assert contents(tmp_path / "again") == contents(sound)


def test_datasets_loads_every_config_as_declared(sound, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    from datasets import load_dataset

    loaded = load_dataset(str(sound), "four", cache_dir=str(tmp_path))
    assert {split: len(of) for split, of in loaded.items()} == {"short": 60, "bare": 60}
    row = loaded["short"][0]
    assert row["text"].split(" and ")[0].split()[-1] == row["first"] == row["names"][0]
    assert loaded["short"]["names"][:] == loaded["bare"]["names"][:]
    matching = load_dataset(str(sound), "matching", split="bare", cache_dir=str(tmp_path))
    assert all(len(contrasts) == 5 for contrasts in matching["contrasts"])
    assert set(Counter(matching["absent"]).values()) == {6}


def test_building_again_keeps_everything(folder, tmp_path):
    before = contents(folder)
    done = _build(tmp_path, folder)
    assert (done["rendered"], done["kept"]) == (0, sum(done["samples"].values()))
    assert contents(folder) == before


def test_a_build_goes_on_where_one_was_killed(sound, tmp_path, monkeypatch):
    from benchwright.builders.text.build import build
    from benchwright.recipe_file import validate

    killed, real = [], shards.write

    def write(path, plan):
        if len(killed) == 3:
            raise KeyboardInterrupt
        killed.append(plan.path)
        real(path, plan)

    monkeypatch.setattr(shards, "write", write)
    with pytest.raises(KeyboardInterrupt):
        build(validate(RECIPE), tmp_path / "set", 1)
    left = {path: path.stat().st_mtime_ns for path in (tmp_path / "set/.build").glob("*.parquet")}
    assert len(left) == 3
    again = []
    monkeypatch.setattr(shards, "write", lambda path, plan: (again.append(path), real(path, plan)))
    build(validate(RECIPE), tmp_path / "set", 1)
    assert not {path.name for path in again} & {path.name for path in left}
    of_tables = contents(sound)
    assert contents(tmp_path / "set") == of_tables


def test_a_missing_or_damaged_shard_is_written_again(folder, tmp_path):
    before = contents(folder)
    (folder / SHARD).unlink()
    (folder / "two/short-00000.parquet").write_bytes(b"PAR1")
    assert _build(tmp_path, folder)["rendered"] == 25 + 25
    assert contents(folder) == before


def test_an_appended_object_appends_files_and_leaves_the_others(folder, tmp_path):
    before = {name: body for name, body in contents(folder).items() if "/" in name}
    before.pop(".build/lock")
    done = _build(tmp_path, folder, objects={"names": [*NAMES, "cat"]})
    after = contents(folder)
    assert {name: after[name] for name in before} == before
    assert done["kept"] == sum(len(pq.read_table(folder / name)) for name in before)
    assert done["rendered"] > 0
    assert _problems(folder) == []


def test_what_the_recipe_no_longer_gives_is_removed(folder, tmp_path):
    _build(tmp_path, folder, subsets=RECIPE["subsets"][:1])
    assert {path.name for path in folder.iterdir() if path.is_dir()} == {"two", ".build"}
    assert _problems(folder) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: rows[3].update(text="a lie"), "text is 'a lie', its names give '"),
        (lambda rows: rows[3].update(key="0" * 16), "key is '0000000000000000', its names give"),
        (lambda rows: rows[3].update(second="dog."), "second is 'dog.', its names give"),
        (lambda rows: rows[3].update(sizes=["none"] * 4), "sizes is ['none', 'none'"),
        (lambda rows: rows[3].update(template="long"), "template is 'long', its names give 'bare'"),
        (lambda rows: rows[3].update(names=["dog"] * 4), "names an object twice"),
        (lambda rows: rows[3].update(names=["dog"]), "names 1 objects, the recipe gives 4"),
        (lambda rows: rows[3].update(names=None), "it names nothing"),
        (lambda rows: rows[3].update(names=["dog", "cube", "mug", "elk"]), 'names "elk", which'),
        (lambda rows: rows[3].update(absent="bus"), 'names 4 objects and the absent "bus"'),
        (lambda rows: rows[3].update(contrasts=None), "contrasts is None, its names give []"),
    ],
)
def test_a_row_that_is_not_what_its_names_give_is_named(folder, change, message):
    rows = _rewrite(folder, change)
    found = _problems(folder)
    assert any(where == f"{SHARD}#{rows[3]['key']}" and message in what for where, what in found), (
        found
    )


def test_a_caption_that_is_there_twice_is_found_and_so_is_the_balance_it_breaks(folder):
    rows = _rewrite(folder, lambda rows: rows.__setitem__(3, rows[4]))
    found = _problems(folder)
    assert ("four/bare", f"key {rows[4]['key']} is there more than once") in found
    assert (BUILD, "balance is not what the captions' names give") in found


def test_a_lost_row_is_found_though_every_table_fits(folder):
    _rewrite(folder, lambda rows: rows.pop())
    assert ("four/bare", "59 captions, the recipe gives 60") in _problems(folder)


def test_a_flipped_byte_a_missing_and_a_strange_shard_are_named(folder):
    body = bytearray((folder / SHARD).read_bytes())
    body[200] ^= 1
    (folder / SHARD).write_bytes(body)
    (folder / "two/bare-00000.parquet").unlink()
    shutil.copy(folder / "two/short-00000.parquet", folder / "two/short-00009.parquet")
    pq.write_table(pa.table({"x": [1]}), folder / "two/short-00001.parquet")
    found = _problems(folder, "--workers", 2)
    assert (SHARD, "its sha256 is not the recorded one") in found
    assert ("two/bare-00000.parquet", "the shard is missing") in found
    assert "two/short-00009.parquet" in {where for where, _ in found}
    assert any("not those of a set of captions" in what for _, what in found)


@pytest.mark.parametrize("name", ["README.md", BUILD, "recipe.yaml"])
def test_a_missing_file_of_the_folder_is_named(folder, name):
    (folder / name).unlink()
    ran = benchwright("verify", folder)
    assert ran.returncode in (1, 2)
    assert name in ran.stderr


def test_kinds_do_not_mix(folder, tmp_path):
    (tmp_path / "tiny.yaml").write_text(TINY)
    ran = benchwright("build", tmp_path / "tiny.yaml", "--out", folder)
    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1)
    assert "holds a set of another kind" in ran.stderr
    for command in (["show", folder], ["card", folder]):
        ran = benchwright(*command)
        assert ran.returncode == 2
        assert "captions" in ran.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": "txet"}, 'kind: there is no kind "txet" (did you mean "text"?)'),
        ({"tempaltes": ["bare"]}, 'tempaltes: unknown key (did you mean "templates"?)'),
        ({"subsets": [{"name": "a", "objects": 2, "amnog": 1}]}, '(did you mean "among"?)'),
        ({"subsets": [{"name": "one", "objects": 1, "contrasts": True}]}, "set objects to 2"),
        ({"objects": {"names": ["cube", "Dog"]}}, "objects.names[1]: String should match"),
        ({"objects": {"names": NAMES, "sizes": {"cat": "small"}}}, 'objects.sizes names "cat"'),
    ],
)
def test_a_mistake_is_one_line_with_its_place(tmp_path, changes, message):
    path = tmp_path / "words.yaml"
    path.write_text(yaml.safe_dump({**RECIPE, **changes}))
    ran = benchwright("build", path, "--out", tmp_path / "set")
    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1)
    assert message in ran.stderr
    assert not (tmp_path / "set").exists()


@pytest.mark.parametrize("name", ["simco-text", "comco-text"])
def test_a_first_look_at_a_shipped_recipe(name, tmp_path):
    ran = benchwright("build", name, "--out", tmp_path / "set", "--limit", 50)
    assert ran.returncode == 0, ran.stderr
    assert "captions in" in ran.stderr
    assert _problems(tmp_path / "set") == []


def test_the_schema_of_recipes_covers_both_kinds():
    described = json.loads(benchwright("schema").stdout)["$defs"]
    assert {"kind", "templates", "limit"} <= set(described["TextRecipe"]["properties"])
    assert described["TextRecipe"]["additionalProperties"] is False
