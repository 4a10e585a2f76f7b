"""Embeddings that say exactly what an image shows, and what the label stage makes of them."""

from embedded_words import WordsModel, loader, seen, write_set

from benchwright.curation.labelling import labels as stage
from benchwright.curation.labelling import plan as planning
from benchwright.curation.labelling.backgrounds import backgrounds
from benchwright.curation.labelling.classes import classes
from benchwright.curation.labelling.label_rows import Counts
from benchwright.curation.labelling.label_sets import label_set
from benchwright.label_settings import Label

JUDGE, PROBE = WordsModel("words/judge", 1), WordsModel("words/probe", 2)
CLASSES = ["dog", "cat", "cow"]
PLACES = {"grass": "on the grass", "sand": "on the sand", "snow": "in the snow"}


def rows(model, described, noise=0.0, **columns):
    """A row an entry (key, what the image shows, caption)."""
    return [
        {"key": key, "vector": seen(model, text, noise, key), "caption": caption, **columns}
        for key, text, caption in described
    ]


def grid(per=1):
    """Every class on every place, truly captioned."""
    return [
        (f"{cls}-{place}-{number}", f"a photo of a {cls} {phrase}", f"my {cls}")
        for cls in CLASSES
        for place, phrase in PLACES.items()
        for number in range(per)
    ]


def sets(tmp_path, parts, probe_parts=None, noise=0.0):
    """The judge's and the probe's embeddings of (shard, described) parts."""
    return (
        write_set(tmp_path / "judge", JUDGE.identity,
                  {shard: rows(JUDGE, of, noise) for shard, of in parts.items()}),
        write_set(tmp_path / "probe", PROBE.identity,
                  {shard: rows(PROBE, of, noise) for shard, of in (probe_parts or parts).items()}),
    )  # fmt: skip


def planned(tmp_path, judge, probe, load=None, **changes):
    arguments = {
        "classes": classes(CLASSES),
        "labels": label_set([*CLASSES, "horse"]),
        "backgrounds": backgrounds("textures"),
        "settings": Label(),
        "work": tmp_path / "work",
        "load": load or loader(JUDGE, PROBE),
        **changes,
    }
    return planning.plan(judge, probe, **arguments)


def labelled(plan):
    """Counts and rows of all parts."""
    counts = sum((stage.label_part(task) for task in plan.tasks()), Counts())
    found = [stage.read_labels(plan.file(part)).to_pylist() for part in plan.judge.parts]
    return counts, [row for of_part in found for row in of_part]
