"""What a sample holds, and what lies in the folder."""

from __future__ import annotations

from benchwright import dataset as files
from benchwright.cards.facts import Facts
from benchwright.cards.sections.counts import split_counts
from benchwright.cards.sections.markdown import code, count, folded, joined, table
from benchwright.cards.sections.section import SCENES_ONLY, Section

FIELDS = {
    "key": "first 16 hex digits of the sha256 of the scene as data",
    "width": "pixels",
    "height": "pixels",
    "background": "sRGB colour of the empty ground, texture (`grass@17`) or photograph",
    "camera": "`tilted` or `top`, orthographic; by Blender `perspective`, `perspective-top`",
    "lighting": "name of the light the sprites were made in",
    "twin_of": "key of the original, or empty",
    "factor": "the one factor in which a twin differs, or empty",
    "objects": "in mention order, each:",
    "objects[].name": "the word captions use",
    "objects[].asset": "sprite it was drawn from",
    "objects[].slot": "index of its place in the layout, -1 where placement is free",
    "objects[].x": "world units to the right, 12 across the image",
    "objects[].y": "world units away from the camera",
    "objects[].yaw": "degrees counter-clockwise seen from above",
    "objects[].tilt": "degrees it leans to the viewer's right, before it is turned",
    "objects[].pose": "how it rests: `standing`, `lying`, `leaning`, `flat`",
    "objects[].scale": "relative to the object's unit size",
    "objects[].size": "role: `large`, `small`, `same`",
    "objects[].colour": "albedo as sRGB hex, or `own` for an object with colours of its own",
    "objects[].material": "`rubber`, `metal` or `own`",
    "objects[].depth": "world units behind the ground's origin along the camera's axis",
    "objects[].box": "x, y, width, height of the visible part, pixels",
    "objects[].visible_area": "pixels seen",
    "objects[].full_area": "pixels it would cover with nothing in front of it",
    "objects[].occluded": "1 - visible / full",
    "captions": "each:",
    "captions[].text": "English",
    "captions[].order": "indices into `objects`, first mentioned first",
    "captions[].template": "which template made it",
}
"""Every field of a scene's record, with its meaning."""

MEMBERS = """\
A sample is three adjacent members of a tar: `{key}.jpg`, `{key}.json` (the record) and
`{key}.mask.png`: 8 bits, 1 + the index in `objects` of the object seen there, 0 for the ground."""

WITHHELD = """\
The images are withheld. `references/<config>/<split>-00000.parquet` has a row a sample: key,
objects in mention order, twin, the shard it lies in once rebuilt, its bytes and their sha256."""


def text(facts: Facts) -> str:
    """Members, fields, files."""
    fields = table(("field of the record", "meaning"), [(code(f), m) for f, m in FIELDS.items()])
    withheld = facts.withheld
    return joined(
        WITHHELD if withheld else "",
        MEMBERS,
        folded(f"The {len(FIELDS)} fields of a record", fields),
        _files(facts),
    )


def _files(facts: Facts) -> str:
    counts, withheld = split_counts(facts), facts.withheld
    shards = count(sum(s.shards for s in counts), "shard")
    tars = f"{shards}, deterministic WebDataset tars"
    rows = {
        files.MANIFEST: f"{count(facts.manifest.num_rows, 'row')}, one a sample: shard, offset, "
        "bytes, sha256, labels",
        files.SHARDS: f"{count(sum(s.shards for s in counts), 'row')}, one a shard: samples, "
        "bytes, sha256",
        files.RECIPE: "the recipe with every default written out",
        files.BUILD: "versions, encoders, seed, digests, balance",
        files.LICENCES: "licence, creator and digest of every part",
        files.CROISSANT: "Croissant metadata with the Responsible-AI fields",
        files.EVAL: "the benchmark as the Hub registers it",
        files.CHANGELOG: "what each version added, removed and changed, and why",
    }
    payload = {} if withheld else {"<config>/<split>-00000.tar": tars}
    return table(("file", "what it holds"), [(code(f), m) for f, m in (payload | rows).items()])


SECTION = Section("## Dataset Structure", text, kinds=SCENES_ONLY)
