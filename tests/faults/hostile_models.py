"""Bad calibration models, made by code: a small one, with one file that is not as it should be."""

import hashlib
import json
from pathlib import Path

import torch

from benchwright.curation.models import calibration
from benchwright.curation.models.preprocess import Preprocess
from benchwright.curation.models.words import Words

GONE = object()
"""In place of a value: there is none."""

ARCHITECTURE = {
    "embed_dim": 8,
    "vision_cfg": {"image_size": 32, "layers": [1, 1, 1, 1], "width": 8, "head_width": 64},
    "text_cfg": {"context_length": 12, "width": 16, "heads": 2, "layers": 1},
}


def small(folder: Path) -> Path:
    """A model with weights that were drawn."""
    words = Words.of_texts(["a photo of a dog"], context=12)
    text = {**ARCHITECTURE["text_cfg"], "vocab_size": len(words)}
    architecture = {**ARCHITECTURE, "text_cfg": text}
    torch.manual_seed(0)
    network = calibration.ShortTextCLIP(**architecture)
    calibration.written(folder, architecture, network, words, Preprocess(32))
    return folder


def change(folder: Path, file: str, place: str, value: object) -> None:
    """Change a model's folder.

    Args:
        folder: of a model.
        file: of the folder.
        place: dotted, in its JSON; empty: all of it.
        value: that is put there, or ``GONE``; bytes as they are.
    """
    body = value if isinstance(value, bytes) else _changed(folder / file, place, value)
    (folder / file).write_bytes(body)
    if file != calibration.CONFIG:  # the file is what its config says
        sha256 = hashlib.sha256(body).hexdigest()
        (folder / calibration.CONFIG).write_bytes(
            _changed(folder / calibration.CONFIG, f"sha256/{file}", sha256)
        )


def _changed(path: Path, place: str, value: object) -> bytes:
    if not place:
        return json.dumps(value).encode()
    whole = json.loads(path.read_text())
    *parents, last = place.split("/")
    inner = whole
    for parent in parents:
        inner = inner[parent]
    if value is GONE:
        del inner[last]
    else:
        inner[last] = value
    return json.dumps(whole).encode()


CONFIG, WEIGHTS, WORDS = calibration.CONFIG, calibration.WEIGHTS, calibration.WORDS

MODELS: dict[str, tuple[str, str, object]] = {
    "no preprocess": (CONFIG, "preprocess", GONE),
    "a preprocess that is a text": (CONFIG, "preprocess", "bicubic"),
    "a preprocess that is a list": (CONFIG, "preprocess", [32]),
    "a preprocess of nothing": (CONFIG, "preprocess", {}),
    "a preprocess of null": (CONFIG, "preprocess", None),
    "a preprocess of other keys": (CONFIG, "preprocess/cropping", "centre"),
    "a size that is a text": (CONFIG, "preprocess/size", "32"),
    "a size of nothing": (CONFIG, "preprocess/size", 0),
    "a size below zero": (CONFIG, "preprocess/size", -32),
    "a size of a billion": (CONFIG, "preprocess/size", 10**9),
    "a size beyond 64 bits": (CONFIG, "preprocess/size", 10**30),
    "a size that the network does not take": (CONFIG, "preprocess/size", 64),
    "a size of a half": (CONFIG, "preprocess/size", 32.5),
    "an edge below zero": (CONFIG, "preprocess/edge", -1),
    "an interpolation that nobody has": (CONFIG, "preprocess/interpolation", "cubist"),
    "a mean of two channels": (CONFIG, "preprocess/mean", [0.5, 0.5]),
    "a mean that is a number": (CONFIG, "preprocess/mean", 0.5),
    "a mean of texts": (CONFIG, "preprocess/mean", ["a", "b", "c"]),
    "no deviation": (CONFIG, "preprocess/std", [0, 0, 0]),
    "a deviation that is no number": (CONFIG, "preprocess/std", [float("nan")] * 3),
    "a coloured fill": (CONFIG, "preprocess/fill", [1, 2, 3]),
    "no architecture": (CONFIG, "model_cfg", GONE),
    "an architecture that is a list": (CONFIG, "model_cfg", [1]),
    "an architecture of other keys": (CONFIG, "model_cfg/depth", 9),
    "no tower of texts": (CONFIG, "model_cfg/text_cfg", GONE),
    "a tower that is a text": (CONFIG, "model_cfg/text_cfg", "transformer"),
    "a tower of other keys": (CONFIG, "model_cfg/vision_cfg/depth", 9),
    "another width": (CONFIG, "model_cfg/embed_dim", 16),
    "a width of terabytes": (CONFIG, "model_cfg/embed_dim", 10**12),
    "a width below zero": (CONFIG, "model_cfg/embed_dim", -8),
    "a width that is a text": (CONFIG, "model_cfg/embed_dim", "8"),
    "a vocabulary of terabytes": (CONFIG, "model_cfg/text_cfg/vocab_size", 10**12),
    "pictures of no size": (CONFIG, "model_cfg/vision_cfg/image_size", 0),
    "no heads": (CONFIG, "model_cfg/text_cfg/heads", 0),
    "a head of no width": (CONFIG, "model_cfg/vision_cfg/head_width", 0),
    "no sums": (CONFIG, "sha256", GONE),
    "a sum that is missing": (CONFIG, f"sha256/{WORDS}", GONE),
    "sums that are a text": (CONFIG, "sha256", "abc"),
    "a config that is a list": (CONFIG, "", [1, 2]),
    "a config that is null": (CONFIG, "", None),
    "a config of nothing": (CONFIG, "", b""),
    "a config that is cut": (CONFIG, "", b'{"model_cfg": {'),
    "a deep config": (CONFIG, "", b"[" * 100_000),
    "a config of no UTF-8": (CONFIG, "", b"\xff\xfe{}"),
    "weights of nothing": (WEIGHTS, "", b""),
    "weights that are a pickle": (WEIGHTS, "", b"\x80\x04\x95" + bytes(40)),
    "weights whose header is longer than they": (WEIGHTS, "", b"\xff" * 8 + b"{}"),
    "weights of no tensors": (WEIGHTS, "", b"\x02" + bytes(7) + b"{}"),
    "words that are a list": (WORDS, "", ["a"]),
    "words that are null": (WORDS, "", None),
    "no context": (WORDS, "context", GONE),
    "pieces that nobody knows": (WORDS, "pieces", ["zzzzqqqq"]),
    "pieces that are numbers": (WORDS, "pieces", [1, 2]),
    "pieces that are lists": (WORDS, "pieces", [[1], [2]]),
    "fewer pieces than rows": (WORDS, "pieces", ["photo</w>"]),
    "a context that is a text": (WORDS, "context", "12"),
    "a context of nothing": (WORDS, "context", 0),
    "a context that the network does not take": (WORDS, "context", 77),
    "words that are no text": (WORDS, "", b"\xff\xfe"),
}
"""Name to a file of the folder, the place in it, and what is put there."""
