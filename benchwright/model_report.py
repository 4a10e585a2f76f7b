"""What the command line says about models."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from benchwright import console

if TYPE_CHECKING:
    from benchwright.curation.models.catalogue import Listing
    from benchwright.curation.models.identity import ModelIdentity


def show_models(filter: str, found: Sequence[Listing]) -> None:
    """Print a line a model on stdout, for a person or for ``cut`` and ``grep``."""
    width = max((len(model.id) for model in found), default=0)
    for model in found:
        here = "here" if model.here else "to fetch"
        console.data(f"{model.id:<{width}}  {model.kind:<10}  {model.image_size:>4} px  {here}")
    if not found:
        console.say(f'no model is called anything like "{filter}"')
    hints = [f"benchwright models {found[0].id}"] if found else ["benchwright models"]
    if not filter:
        hints.append("benchwright models 'timm/*'")
    console.next_step(*hints)


def show_identity(identity: ModelIdentity) -> None:
    """Print what a loaded model is, a line a field on stdout."""
    shown = identity.to_dict()
    preprocess = json.loads(str(shown.pop("preprocess")))
    shown["activation"] = shown["activation"] or "neither GELU nor QuickGELU"
    fields = {**shown, **{f"preprocess.{name}": value for name, value in preprocess.items()}}
    for name, value in fields.items():
        console.data(f"{name:<26}{value}")
    console.next_step(f"benchwright embed SHARDS --model {identity.id}")
