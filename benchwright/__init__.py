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
    recipes,
    schema,
    serve_corpus,
    show,
    show_assets,
    verify,
)
from benchwright.api_audit import audit
from benchwright.api_curation import download, embed, import_, load_model, models, rebuild
from benchwright.api_mine import mine
from benchwright.api_release import card, export, lint, load, publish, pull, stream, versions

__all__ = [
    "assets",
    "audit",
    "build",
    "build_corpus",
    "captions",
    "card",
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
    "publish",
    "pull",
    "rebuild",
    "recipes",
    "schema",
    "serve_corpus",
    "show",
    "show_assets",
    "stream",
    "verify",
    "versions",
]
