"""The models that can be named, and whether their weights are here."""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources

from benchwright.curation.models import hub_files, timm_classifier
from benchwright.curation.models.identity import Kind
from benchwright.curation.models.open_clip_source import activations_agree, repository_files


@dataclass(frozen=True, slots=True)
class Listing:
    """A model that can be named.

    Attributes:
        id: what to pass to ``--model``.
        kind: ``clip`` or ``classifier``.
        image_size: edge of the square it takes, in pixels.
        here: whether loading it needs no network.
        source: ``shipped``, or the repository of its weights.
    """

    id: str
    kind: Kind
    image_size: int
    here: bool
    source: str


def listed(filter: str = "") -> list[Listing]:
    """Models whose ids hold ``filter`` in any case, or match it where it holds ``*`` or ``?``.

    Shipped ones first, then open_clip's, then timm's; timm's more than a thousand only where a
    filter is given.
    """
    pattern = (filter if set(filter) & set("*?") else f"*{filter}*").lower()

    def wanted(model_id: str) -> bool:
        return fnmatch.fnmatchcase(model_id.lower(), pattern)

    found = [*_calibration(), *_open_clip()]
    if filter:
        found += _timm()
    return [_located(model) for model in found if wanted(model.id)]


def _located(model: Listing) -> Listing:
    """With whether its weights are here, which is asked of the disk only for what is listed."""
    if model.here:
        return model
    repository, _, names = model.source.partition(":")
    here = hub_files.cached(repository, names.split(",")) is not None
    return Listing(model.id, model.kind, model.image_size, here, repository)


def _calibration() -> Iterator[Listing]:
    folder = resources.files("benchwright.data") / "calibration"
    for model in sorted(folder.iterdir(), key=lambda entry: entry.name) if folder.is_dir() else ():
        config = model / "config.json"
        if config.is_file():
            size = json.loads(config.read_text("utf-8"))["preprocess"]["size"]
            yield Listing(f"calibration/{model.name}", "clip", size, True, "shipped")


def _open_clip() -> Iterator[Listing]:
    import open_clip

    for architecture, tag in open_clip.list_pretrained():
        config = open_clip.get_model_config(architecture)
        pretrained = open_clip.get_pretrained_cfg(architecture, tag)
        if config is None or not activations_agree(architecture, config, pretrained):
            continue  # the twin with the right activation is listed under its own name
        repository, names = repository_files(pretrained)
        size = config["vision_cfg"].get("image_size", 224)
        source = f"{repository}:{','.join(names)}"
        yield Listing(f"{architecture}/{tag}", "clip", size, False, source)


def _timm() -> Iterator[Listing]:
    import timm

    for name in timm.list_pretrained():
        config = timm.get_pretrained_cfg(name)
        if config is None or not config.num_classes or not config.hf_hub_id:
            continue  # no head, or weights that are not on the Hub
        repository, names = timm_classifier.repository_files(config)
        source = f"{repository}:{','.join(names)}"
        yield Listing(f"timm/{name}", "classifier", config.input_size[-1], False, source)
