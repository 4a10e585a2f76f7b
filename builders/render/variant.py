"""Choice of the Mitsuba variant: compiled through LLVM where that works, interpreted elsewhere."""

from __future__ import annotations

import functools
import subprocess
import sys
from typing import Any

from benchwright.errors import AssetError

FAST = "llvm_ad_rgb"
"""Needs a libLLVM that Mitsuba can load (or DRJIT_LIBLLVM_PATH naming one)."""

SAFE = "scalar_rgb"
"""Needs nothing, takes two to three times as long."""

PROBE_SECONDS = 120
"""Limit on the trial render: its first compilation takes seconds, minutes on a busy machine."""

_PROBE = f"""
import mitsuba
mitsuba.set_variant({FAST!r})
scene = mitsuba.load_dict({{"type": "scene", "light": {{"type": "constant"}},
    "ball": {{"type": "sphere"}}, "sensor": {{"type": "orthographic",
    "film": {{"type": "hdrfilm", "width": 4, "height": 4}}}},
    "integrator": {{"type": "path"}}}})
mitsuba.render(scene, spp=1).numpy()
"""


@functools.cache
def variant() -> str:
    """The fastest variant that renders here.

    Some pairs of Mitsuba and LLVM abort the whole process, so the trial runs in one of its own.
    """
    try:
        trial = subprocess.run(
            [sys.executable, "-c", _PROBE], capture_output=True, timeout=PROBE_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return SAFE
    return FAST if trial.returncode == 0 else SAFE


def load_mitsuba() -> Any:
    """The mitsuba module with its variant set.

    Raises:
        AssetError: Mitsuba is not installed.
    """
    try:
        import mitsuba
    except ImportError as error:
        raise AssetError(
            "rendering an asset needs Mitsuba: pip install 'benchwright[render]'"
        ) from error
    if mitsuba.variant() is None:
        mitsuba.set_variant(variant())
    return mitsuba
