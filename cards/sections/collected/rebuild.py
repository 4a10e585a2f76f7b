"""How to get the very same images again, and how to tell that they are."""

from __future__ import annotations

from benchwright import references
from benchwright.cards.facts import Facts
from benchwright.cards.sections.collected.findings import findings
from benchwright.cards.sections.markdown import code, escape, joined, words
from benchwright.cards.sections.section import FOUND, Section


def text(facts: Facts) -> str:
    """Commands, and the digests to expect."""
    build = facts.build
    encoders = words([f"{escape(n)} {escape(v)}" for n, v in build["encoders"].items()])
    config, split = next(iter(facts.dataset.splits()))
    table = f"{references.FOLDER}/{config}/{split}-00000.parquet"
    commands = (
        f"```sh\nbenchwright download {table} --resize {_resize(facts)} --out downloads/{split}"
        "  # each split\n"
        "benchwright import references . --downloads downloads --out rebuilt\n"
        "benchwright verify rebuilt\n```"
    )
    again = (
        "Images are fetched anew from where they were found; one that is gone, or is another by "
        "now, is reported and left out. With all of them there, the digest is this one:"
        if facts.withheld
        else "The folder is the set: no recipe draws these images again. It is this one:"
    )
    return joined(
        again,
        commands if facts.withheld else "",
        "\n".join([
            f"- digest of the set (`dataset_sha256` in `build.json`): "
            f"{code(build['dataset_sha256'])}",
            f"- sha256 of the recipe: {code(build['recipe_sha256'])}",
            f"- Benchwright {escape(build['benchwright'])}, record schema {build['schema']}, "
            f"{encoders}",
        ]),
    )  # fmt: skip


def _resize(facts: Facts) -> str:
    """How images were stored when they were first fetched: digests are of those bytes."""
    pixels = findings(facts).resize
    return str(pixels) if pixels else "no"


SECTION = Section("### How to Rebuild", text, kinds=FOUND)
