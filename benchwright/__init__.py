"""Benchwright builds the datasets that show where CLIP models break.

Every command has a function of the same name here::

    import benchwright as bw

    bw.build("simco-demo")
    bw.verify("runs/simco-demo")
"""

from benchwright.api import (
    assets,
    build,
    captions,
    extend,
    full_masks,
    install_assets,
    recipes,
    schema,
    show,
    show_assets,
    verify,
)
from benchwright.api_release import card, export, lint, load, publish, pull, stream, versions

__all__ = [
    "assets",
    "build",
    "captions",
    "card",
    "export",
    "extend",
    "full_masks",
    "install_assets",
    "lint",
    "load",
    "publish",
    "pull",
    "recipes",
    "schema",
    "show",
    "show_assets",
    "stream",
    "verify",
    "versions",
]
