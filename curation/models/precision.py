"""Which numbers a model computes in, on which device."""

from __future__ import annotations

from contextlib import AbstractContextManager, ExitStack
from typing import TYPE_CHECKING, cast, get_args

from benchwright.curation.models.identity import Dtype
from benchwright.errors import ModelError

if TYPE_CHECKING:
    import torch


def resolve_device(name: str) -> torch.device:
    """The device of a name: ``cpu``, ``cuda``, ``cuda:1``, ``mps``.

    Raises:
        ModelError: no such device, or not on this machine.
    """
    import torch

    try:
        device = torch.device(name)
    except RuntimeError:
        raise ModelError(f'"{name}" is no device; there are cpu, cuda, cuda:N and mps') from None
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        have = torch.cuda.device_count()
        raise ModelError(f"{name}: this machine has {have} CUDA devices that PyTorch can use")
    if device.type == "mps" and not torch.backends.mps.is_available():
        raise ModelError("mps: this machine, or this build of PyTorch, has no Metal device")
    return device


def resolve_dtype(name: str, device: torch.device) -> Dtype:
    """The dtype of a name; without one, float32 on the CPU and float16 on accelerators.

    Models are trained under autocast to 16 bits, so float16 costs them next to nothing, and it
    has eight times bfloat16's resolution for vectors that are stored as float16 anyway.

    Raises:
        ModelError: another dtype.
    """
    if not name:
        return "float32" if device.type == "cpu" else "float16"
    if name not in get_args(Dtype):
        raise ModelError(f'"{name}" is no dtype; there are {", ".join(get_args(Dtype))}')
    return cast(Dtype, name)


def computing_in(dtype: Dtype, device: torch.device) -> AbstractContextManager[object]:
    """A context for a forward pass in that dtype; weights stay float32.

    16 bits come by autocast, which keeps norms and softmax in float32 for every kind of tower.
    float32 means float32: cuDNN would otherwise round convolutions to TF32's ten bits.
    """
    import torch

    stack = ExitStack()
    stack.enter_context(torch.inference_mode())
    if dtype != "float32":
        stack.enter_context(torch.autocast(device.type, getattr(torch, dtype)))
    elif device.type == "cuda":
        stack.enter_context(
            torch.backends.cudnn.flags(enabled=True, benchmark=False, allow_tf32=False)
        )
    return stack
