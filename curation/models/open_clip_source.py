"""Which architecture and weights an open_clip id means, and whether the two belong together."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchwright.curation.models import hub_files
from benchwright.curation.models.identity import Activation
from benchwright.curation.models.ids import RANDOM, ModelName
from benchwright.errors import ModelError, did_you_mean

if TYPE_CHECKING:
    import torch

QUICK = "-quickgelu"
"""What open_clip appends to the name of an architecture that computes QuickGELU instead."""


@dataclass(frozen=True, slots=True)
class Source:
    """What open_clip is told to build.

    Attributes:
        architecture: open_clip's name of it.
        width: numbers a vector.
        preprocess: what tag or config file say of it, in open_clip's terms; the rest is default.
        tag: as open_clip spells it; empty without one.
        weights: the checkpoint; none where weights are drawn.
    """

    architecture: str
    width: int
    preprocess: Mapping[str, Any]
    tag: str = ""
    weights: Path | None = None


def resolve(model_id: str, name: ModelName) -> Source:
    """What an id means, its weights fetched if need be.

    Raises:
        ModelError: no such architecture, tag or file; weights that cannot be had, or that were
            trained with another activation.
    """
    architecture, config, preprocess = _architecture(model_id, name.architecture)
    width = int(config["embed_dim"])
    if name.weights:
        path = Path(name.weights).expanduser()
        _check_training_log(model_id, path, config)
        return Source(architecture, width, preprocess, weights=path)
    if name.tag == RANDOM:
        return Source(architecture, width, preprocess)
    pretrained = _tag_config(model_id, architecture, name.tag)
    tag = name.tag.lower().replace("-", "_")  # as open_clip looks it up
    _check_activation(model_id, architecture, config, tag, pretrained)
    path = hub_files.fetch(model_id, *repository_files(pretrained))
    return Source(architecture, width, {**pretrained, **preprocess}, tag, path)


def activation(network: torch.nn.Module) -> Activation:
    """What the built network computes with, whatever its configuration says.

    QuickGELU if any layer is one: ResNet CLIPs have it in the text tower alone.
    """
    from open_clip.transformer import QuickGELU
    from torch import nn

    kinds = {type(module) for module in network.modules()}
    if QuickGELU in kinds:
        return "quickgelu"
    return "gelu" if any(issubclass(kind, nn.GELU) for kind in kinds) else ""


def _architecture(model_id: str, name: str) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """open_clip's name of an architecture, its config, and preprocessing of a config file's own."""
    import open_clip

    if name.endswith(".json"):
        return _config_file(model_id, Path(name).expanduser())
    architecture = name.replace("/", "-")  # open_clip's older spelling: ViT-B/32
    config = open_clip.get_model_config(architecture)
    if config is None:
        known = open_clip.list_models()
        raise ModelError(
            f'{model_id}: open_clip has no architecture "{name}"'
            f"{did_you_mean(architecture, known)}; `benchwright models` lists them"
        )
    return architecture, config, {}


def _config_file(model_id: str, path: Path) -> tuple[str, dict[str, Any], dict[str, Any]]:
    import open_clip

    try:
        text = path.read_text("utf-8")
        found = json.loads(text)
        config = found.get("model_cfg", found)
        missing = {"embed_dim", "vision_cfg", "text_cfg"} - set(config)
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise ModelError(f"{model_id}: {path} is no open_clip config: {error}") from None
    if missing:
        raise ModelError(f"{model_id}: {path} is no open_clip config: no {min(missing)} in it")
    # open_clip knows architectures by the names of files: one of our own cannot hide another.
    name = f"{path.stem}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"
    with tempfile.TemporaryDirectory() as folder:
        registered = Path(folder) / f"{name}.json"
        registered.write_text(json.dumps(config), "utf-8")
        open_clip.add_model_config(registered)
    return name, config, found.get("preprocess_cfg", {})


def _tag_config(model_id: str, architecture: str, tag: str) -> Mapping[str, Any]:
    import open_clip

    config = open_clip.get_pretrained_cfg(architecture, tag)
    if not config:
        tags = open_clip.list_pretrained_tags_by_model(architecture)
        known = f"; it has {', '.join(tags)}" if tags else ""
        raise ModelError(
            f'{model_id}: {architecture} has no pretrained tag "{tag}"'
            f"{did_you_mean(tag, tags) or known}; a file is named as {architecture}@FILE"
        )
    return config


def activations_agree(
    architecture: str, config: Mapping[str, Any], pretrained: Mapping[str, Any]
) -> bool:
    """Whether an architecture computes what a tag's weights were trained with (SCIENCE 2.3.4)."""
    trained, built = bool(pretrained.get("quick_gelu")), bool(config.get("quick_gelu"))
    # roberta-ViT-B-32 has QuickGELU and no twin without: its config is what it was trained by, and
    # the tag's entry only leaves the activation out.
    return trained == built or (built and not architecture.endswith(QUICK))


def _check_activation(
    model_id: str,
    architecture: str,
    config: Mapping[str, Any],
    tag: str,
    pretrained: Mapping[str, Any],
) -> None:
    if activations_agree(architecture, config, pretrained):
        return
    plain = architecture.removesuffix(QUICK)
    quick = bool(pretrained.get("quick_gelu"))
    raise ModelError(
        f"{model_id}: these weights were trained with {'QuickGELU' if quick else 'GELU'}, which "
        f"{architecture} does not compute: use {plain + QUICK if quick else plain}/{tag}"
    )


def _check_training_log(model_id: str, path: Path, config: Mapping[str, Any]) -> None:
    """Hold a checkpoint against the ``params.txt`` that open_clip's training leaves beside it."""
    import open_clip

    log = path.parent.parent / "params.txt"
    if path.parent.name != "checkpoints" or not log.is_file():
        return
    lines = log.read_text("utf-8", errors="replace").splitlines()
    said = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    trained_as = said.get("model", "").replace("/", "-")
    trained = open_clip.get_model_config(trained_as) if trained_as else None
    if trained is None:
        return
    quick = said.get("force_quick_gelu") == "True" or bool(trained.get("quick_gelu"))
    plain = trained_as.removesuffix(QUICK)
    right = plain + QUICK if quick else plain
    same = {**config, "quick_gelu": quick} == {**trained, "quick_gelu": quick}
    if not same or bool(config.get("quick_gelu")) != quick:
        raise ModelError(f"{model_id}: {log} says these weights are of {right}: use {right}@{path}")


def repository_files(tag_config: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """(repository, names of its weights, safetensors first) of a pretrained tag."""
    repository, _, name = str(tag_config["hf_hub"]).rpartition("/")
    if not name:
        return repository, ("open_clip_model.safetensors", "open_clip_pytorch_model.bin")
    return repository, hub_files.safetensors_first(name)
