"""What a sample of found images holds, and what lies in the folder."""

from __future__ import annotations

from benchwright import dataset as files
from benchwright.cards.facts import Facts
from benchwright.cards.sections.markdown import code, count, folded, joined, table
from benchwright.cards.sections.section import FOUND, Section
from benchwright.sample_kinds import IMPORTED, MINED

OF_IMAGE = {
    "key": "first 16 hex digits of the sha256 of the image as stored",
    "width": "pixels",
    "height": "pixels",
    "sha256": "of the image as it was found; another one was stored if it had to be converted",
    "source.dataset": "collection the image is from",
    "source.url": "address it was fetched from, or empty",
    "source.uid": "what the collection calls it: an identifier, or its path",
    "creator": "who made it, or empty",
    "licence": "its terms, as the Hub names them",
}
FIELDS = {
    MINED.name: {
        **OF_IMAGE,
        "class": "name of the class",
        "class_source": "who says so: `caption`, `folder`, `metadata`, `judge`, `person`",
        "label": "number of the class, the same as in `cls`",
        "caption": "what the web said of the image, or empty",
        "phash": "perceptual hash, 16 hex digits, or empty",
        "background": "name of the background; empty where nobody can tell",
        "background_probability": "the judge's, 0 to 1; 0 where it was not asked",
        "background_margin": "lead over its second choice, 0 to 1",
        "subject_scale": "share of the image that the subject takes; 0 where not measured",
        "brightness": "mean luma, 0 to 1",
        "group": "`common`, `counter`, `other`, or empty",
        "half": "`discovery` (chose the pair) or `confirmation` (tested it), or empty",
        "cluster": "photographer, observation or near duplicates: never on both halves",
        "probe.model": "model under test; empty where none was asked",
        "probe.prediction": "its first choice of the label set",
        "probe.score": "its probability of the class",
        "probe.correct": "whether its first choice is the class",
        "judge.model": "model that vouched for the labels, never the probe; or empty",
        "judge.verdict": "what it said",
        "review": "a person's decision, or empty",
    },
    IMPORTED.name: {
        **OF_IMAGE,
        "subset": "folder the picture lay in",
        "objects": "in mention order, each:",
        "objects[].name": "the word captions use",
        "objects[].slot": "its position in the file's name",
        "objects[].size": "role: `large`, `small`, `same`; empty where the folder does not say",
        "captions": "each:",
        "captions[].text": "the names joined by and, as the original's captions",
        "captions[].order": "indices into `objects`, first mentioned first",
        "captions[].template": "which template made it",
    },
}
"""Every field of a record, with its meaning, by kind."""

WITHHELD = """\
The images are withheld. `references/<config>/<split>-00000.parquet` has a row a sample: its address
(`url`), its whole record (`json`, with the sha256 of the image as it was found), the shard it lies
in once rebuilt, its bytes and their sha256."""


def text(facts: Facts) -> str:
    """Members, fields, files."""
    kind, fields = facts.kind, FIELDS[facts.kind.name]
    label = ", `{key}.cls` (the number of its class)" if "cls" in kind.others else ""
    members = (
        f"A sample is {'three' if label else 'two'} adjacent members of a tar: "
        f"`{{key}}.{kind.picture}`{label} and `{{key}}.json` (the record)."
    )
    rows = table(("field of the record", "meaning"), [(code(f), m) for f, m in fields.items()])
    return joined(
        WITHHELD if facts.withheld else "",
        members,
        folded(f"The {len(fields)} fields of a record", rows),
        _files(facts),
    )


def _files(facts: Facts) -> str:
    shards = len(facts.dataset.shards)
    tars = f"{count(shards, 'shard')}, deterministic WebDataset tars, each of one class"
    rows = {
        **({} if facts.withheld else {"<config>/<split>-00000.tar": tars}),
        files.MANIFEST: f"{count(facts.manifest.num_rows, 'row')}, one a sample: shard, offset, "
        "bytes, sha256, labels",
        files.SHARDS: f"{count(shards, 'row')}, one a shard: samples, bytes, sha256",
        files.REJECTS: "what was looked at and left out, with the reason",
        files.GROUPS: "each class's pair of backgrounds and both drops",
        files.SENSITIVITY: "the set with thresholds set otherwise",
        files.RECIPE: "what was asked for",
        files.BUILD: "versions, encoders, digests, classes, counts",
        files.LICENCES: "every creator with the terms of their images",
        files.CROISSANT: "Croissant metadata with the Responsible-AI fields",
        files.EVAL: "the benchmark as the Hub registers it",
        files.CHANGELOG: "what each version added, removed and changed, and why",
    }
    optional = (files.GROUPS, files.SENSITIVITY)
    here = {n: m for n, m in rows.items() if n not in optional or (facts.folder / n).is_file()}
    return table(("file", "what it holds"), [(code(name), held) for name, held in here.items()])


SECTION = Section("## Dataset Structure", text, kinds=FOUND)
