"""Benchwright builds the datasets that show where CLIP models break.

Every command has a function of the same name here::

    import benchwright as bw

    bw.build("simco-demo")
    bw.verify("runs/simco-demo")
"""

from benchwright.api import build, captions, full_masks, recipes, schema, show, verify

__all__ = ["build", "captions", "full_masks", "recipes", "schema", "show", "verify"]
