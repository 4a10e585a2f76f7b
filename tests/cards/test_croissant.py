"""croissant.json, judged by the reference reader of the format."""

import dataclasses
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from benchwright import references, shards
from benchwright.cards import croissant
from benchwright.cards.croissant.citation import citation
from benchwright.cards.croissant.vocabulary import CONTEXT, licence
from benchwright.cards.facts import Facts
from benchwright.cards.release import Release
from benchwright.cards.version import Version
from benchwright.recipe import CardText

NO_NETWORK = """
import socket
def refuse(*arguments): raise OSError("a reader went to the network")
socket.socket.connect = refuse
"""

VALIDATE = """
import dataclasses, json, sys
import mlcroissant
from mlcroissant._src.core.rdf import make_context
metadata = mlcroissant.Dataset(jsonld=sys.argv[1]).metadata
known = {str(f.metadata.get("url")): f.name for f in dataclasses.fields(metadata)}
print(json.dumps({
    "errors": sorted(metadata.ctx.issues.errors),
    "warnings": sorted(metadata.ctx.issues.warnings),
    "context": make_context(metadata.ctx),
    "understood": [url for url, name in known.items() if getattr(metadata, name)],
}))
"""

LOAD = """
import json, sys
import mlcroissant, numpy
def plain(value):
    if isinstance(value, bytes): return value.decode()
    if isinstance(value, list): return [plain(item) for item in value]
    if hasattr(value, "getpixel"): return [value.mode, *value.size, int(numpy.max(value))]
    return value.item() if hasattr(value, "item") else value
dataset = mlcroissant.Dataset(jsonld=sys.argv[1])
for name in sys.argv[2:]:
    rows = dataset.records(name)
    print(json.dumps([{k.split("/")[1]: plain(v) for k, v in row.items()} for row in rows]))
"""


def reader(script, *arguments, cache):
    """Run the reference reader on its own, without network, with a cache of its own."""
    environment = {**os.environ, "CROISSANT_CACHE": str(cache), "HOME": str(cache)}
    command = [sys.executable, "-c", NO_NETWORK + script, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=environment)


def written(folder, facts=None):
    path = folder / "croissant.json"
    path.write_text(croissant.render(facts or Facts.read(folder)))
    return path


def validated(path, cache):
    ran = reader(VALIDATE, path, cache=cache)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def with_recipe(facts, **changes):
    return dataclasses.replace(facts, recipe=facts.recipe.model_copy(update=changes))


def published(facts, repository="org/tiny"):
    release = Release(repository, Version(1, 2, 0), facts.dataset.digest)
    return dataclasses.replace(facts, release=release)


@pytest.fixture(scope="module")
def built(tiny_set) -> Path:
    return tiny_set


@pytest.fixture(scope="module")
def facts(built) -> Facts:
    return Facts.read(built)


@pytest.fixture
def copied(built, tmp_path) -> Path:
    return shutil.copytree(built, tmp_path / "elsewhere")


def test_the_reference_reader_finds_no_error_and_misses_only_the_date(copied, tmp_path):
    found = validated(written(copied), tmp_path)
    assert found["errors"] == []
    assert len(found["warnings"]) == 1
    assert "datePublished" in found["warnings"][0]


def test_a_published_set_validates_too(copied, facts, tmp_path):
    found = validated(written(copied, published(facts)), tmp_path)
    assert found["errors"] == []
    assert len(found["warnings"]) == 1


def test_every_responsible_ai_field_is_one_the_reader_knows(copied, tmp_path):
    path = written(copied)
    ours = {name for name in json.loads(path.read_text()) if name.startswith("rai:")}
    assert len(ours) >= 12
    understood = validated(path, tmp_path)["understood"]
    assert {name.replace("rai:", CONTEXT["rai"]) for name in ours} <= set(understood)


def test_the_context_is_the_standards(copied, tmp_path):
    assert validated(written(copied), tmp_path)["context"] == CONTEXT


def test_records_load_with_their_key_split_image_mask_and_record(copied, facts, tmp_path):
    names = ["two-image", "two-mask", "two-json"]
    ran = reader(LOAD, written(copied), *names, cache=tmp_path)
    assert ran.returncode == 0, ran.stderr
    images, masks, records = ({row["key"]: row for row in json.loads(line)}
                              for line in ran.stdout.splitlines())  # fmt: skip
    expected = {row["key"]: row for row in facts.manifest.to_pylist() if row["config"] == "two"}
    assert images.keys() == masks.keys() == records.keys() == expected.keys()
    for key, row in expected.items():
        assert images[key]["split"] == masks[key]["split"] == records[key]["split"] == row["split"]
        assert images[key]["image"][:3] == ["RGB", 128, 128]
        assert masks[key]["mask"] == ["L", 128, 128, len(row["objects"])]
        record = json.loads(records[key]["json"])
        assert record["key"] == key
        assert [thing["name"] for thing in record["objects"]] == row["objects"]


def test_the_manifest_loads_as_the_folder_has_it(copied, facts, tmp_path):
    ran = reader(LOAD, written(copied), "manifest", cache=tmp_path)
    assert json.loads(ran.stdout) == facts.manifest.to_pylist()


def test_a_tampered_shard_is_refused(copied, tmp_path):
    path = written(copied)
    tar = copied / "two" / "left_big-00000.tar"
    body = bytearray(tar.read_bytes())
    body[2000] ^= 1
    tar.write_bytes(body)
    ran = reader(LOAD, path, "two-image", cache=tmp_path)
    assert ran.returncode != 0
    assert "left_big-00000.tar is not identical with the reference" in ran.stderr


def test_every_shard_is_described_by_its_own_bytes(built, facts):
    described = json.loads(croissant.render(facts))["distribution"]
    tars = {file["contentUrl"]: file for file in described if file["@type"] == "cr:FileObject"}
    there = {path.relative_to(built).as_posix() for path in built.rglob("*.tar")}
    assert tars.keys() == {*there, "manifest.parquet"}
    for name, file in tars.items():
        assert file["sha256"] == shards.file_sha256(built / name)
        assert file["contentSize"] == f"{(built / name).stat().st_size} B"


def test_the_text_depends_on_the_folder_alone(built, copied, facts):
    text = croissant.render(facts)
    assert croissant.render(Facts.read(copied)) == text
    assert str(built) not in text


def test_an_unpublished_set_is_version_zero_of_its_digest_and_has_no_address(facts):
    fields = json.loads(croissant.render(facts))
    assert fields["version"] == f"0.0.0+{facts.dataset.digest[:16]}"
    assert not fields.keys() & {"url", "creator"}


def test_a_release_gives_version_address_owner_and_citation(facts):
    fields = json.loads(croissant.render(published(facts)))
    assert fields["version"] == "1.2.0"
    assert fields["url"] == "https://huggingface.co/datasets/org/tiny"
    assert [made["name"] for made in fields["creator"]] == ["org"]
    assert "version = {1.2.0}" in fields["citeAs"]
    assert facts.dataset.digest in fields["citeAs"]


@pytest.mark.parametrize(
    ("place", "url"),
    [("s3://bucket/tiny", "s3://bucket/tiny"), ("file:///home/me/tiny", ""), ("/home/me/x", "")],
)
def test_a_store_is_the_address_unless_it_is_this_machines(facts, place, url):
    fields = json.loads(croissant.render(published(facts, place)))
    assert fields.get("url", "") == url
    assert "creator" not in fields


def test_what_a_person_wrote_follows_what_was_measured(facts):
    fields = {
        "collection": "dataCollection", "annotation": "dataAnnotationProtocol",
        "limitations": "dataLimitations", "uses": "dataUseCases",
        "personal": "personalSensitiveInformation", "maintenance": "dataReleaseMaintenancePlan",
    }  # fmt: skip
    card = CardText(**{name: f"What {name} says." for name in fields}, authors=["Ada", "Émilie"])
    silent = json.loads(croissant.render(facts))
    told = json.loads(croissant.render(with_recipe(facts, card=card)))
    for name, field in fields.items():
        said, measured = told[f"rai:{field}"], silent[f"rai:{field}"]
        if isinstance(said, list):
            assert said == [*measured, f"What {name} says."]
        else:
            assert said == f"{measured}\n\nWhat {name} says."
    assert told["creator"] == [{"@type": "Person", "name": name} for name in ("Ada", "Émilie")]
    assert "{Ada} and {Émilie}" in told["citeAs"]


def test_biases_are_the_counts_of_the_build(facts):
    biases = json.loads(croissant.render(facts))["rai:dataBiases"]
    assert "two/left_big, scenes a cell: object x mention 4 in each; object x slot 4 in each." in (
        biases
    )
    assert len(biases) == len(facts.dataset.splits())
    uneven = json.loads(croissant.render(with_recipe(facts, balance="none")))["rai:dataBiases"]
    assert uneven[0].startswith("Not counterbalanced by design")


def test_references_stand_for_the_shards_where_images_are_withheld(copied, tmp_path):
    facts = Facts.read(copied)
    tables = references.write(facts.dataset)
    path = written(copied, with_recipe(facts, payload="references"))
    described = json.loads(path.read_text())["distribution"]
    assert {file["contentUrl"]: file["sha256"] for file in described} == {
        name: shards.file_sha256(copied / name) for name in ("manifest.parquet", *tables)
    }
    assert validated(path, tmp_path)["errors"] == []
    ran = reader(LOAD, path, "manifest", cache=tmp_path)
    assert len(json.loads(ran.stdout)) == 153


def test_hundreds_of_shards_stay_far_below_a_megabyte(facts):
    one = facts.dataset.shards[0]
    many = tuple(
        dataclasses.replace(one, shard=f"three_wide/split_of_the_set-{number:05d}.tar")
        for number in range(1000)
    )
    grown = dataclasses.replace(facts, dataset=dataclasses.replace(facts.dataset, shards=many))
    assert len(croissant.render(grown)) < 800_000


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("apache-2.0", "https://spdx.org/licenses/Apache-2.0"),
        ("cc-by-nc-sa-4.0", "https://spdx.org/licenses/CC-BY-NC-SA-4.0"),
        ("cc0-1.0", "https://spdx.org/licenses/CC0-1.0"),
        ("odc-by", "https://spdx.org/licenses/ODC-By-1.0"),
        ("other", "other"),
        ("cc", "cc"),
    ],
)
def test_a_licence_is_a_url_where_spdx_has_one(name, url):
    assert licence(name) == url


@given(st.text(min_size=1, max_size=200).filter(lambda text: text.isprintable()))
@example("50% of {A} & B_C \\input{x}")
def test_no_title_breaks_the_citation(facts, title):
    entry = citation(with_recipe(facts, title=title))
    assert entry.count("{") == entry.count("}") == 5
    assert re.search(r"\\[^&%$#_]|(?<!\\)[&%$#]", entry) is None
