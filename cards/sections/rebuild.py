"""How to make the very same set again, and how to tell that it is."""

from __future__ import annotations

from benchwright.cards.facts import Facts
from benchwright.cards.sections.markdown import code, escape, joined, words
from benchwright.cards.sections.section import SCENES_ONLY, Section


def text(facts: Facts) -> str:
    """Commands, and the digests to expect."""
    build, version = facts.build, escape(facts.build["benchwright"])
    encoders = words([f"{escape(name)} {escape(number)}" for name, number in
                      build["encoders"].items()])  # fmt: skip
    return joined(
        "The set is a function of `recipe.yaml` and of the versions below:",
        "```sh\nbenchwright build recipe.yaml --out rebuilt\nbenchwright verify rebuilt\n```",
        "\n".join([
            f"- digest of the set (`dataset_sha256` in `build.json`): "
            f"{code(build['dataset_sha256'])}",
            f"- sha256 of the recipe: {code(build['recipe_sha256'])}",
            f"- Benchwright {version}, drawing version {build['drawing']}, record schema "
            f"{build['schema']}, {encoders}, seed {build['seed']}",
        ]),
        "Pixels before encoding are the same on every machine. JPEG and PNG bytes, and so the "
        f"digest, are promised for {encoders}. An object appended to the recipe adds shards and "
        "leaves the others as they are.",
    )  # fmt: skip


SECTION = Section("### How to Rebuild", text, kinds=SCENES_ONLY)
