"""Benchwright builds the datasets that show where CLIP models break.

Every command has a function of the same name here::

    import benchwright as bw

    bw.build("simco-demo")
    bw.verify("runs/simco-demo")
"""

from benchwright.api import (
    assets,
    build,
    build_corpus,
    captions,
    extend,
    full_masks,
    install_assets,
    on_ray,
    recipes,
    schema,
    serve_corpus,
    show,
    show_assets,
    verify,
    verify_digests,
)
from benchwright.api_audit import audit, compare
from benchwright.api_curation import download, embed, import_, load_model, models, rebuild
from benchwright.api_generation import prompts, text_to_image
from benchwright.api_mine import mine
from benchwright.api_release import card, export, lint, load, publish, pull, stream, versions

__all__ = [
    "assets",
    "audit",
    "build",
    "build_corpus",
    "captions",
    "card",
    "compare",
    "download",
    "embed",
    "export",
    "extend",
    "full_masks",
    "import_",
    "install_assets",
    "lint",
    "load",
    "load_model",
    "mine",
    "models",
    "on_ray",
    "prompts",
    "publish",
    "pull",
    "rebuild",
    "recipes",
    "schema",
    "serve_corpus",
    "show",
    "show_assets",
    "stream",
    "text_to_image",
    "verify",
    "verify_digests",
    "versions",
]
