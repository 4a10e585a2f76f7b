"""A baseball cap: six puffed panels, a button, an opening with a strap behind, a bent visor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchwright.builders.shapes.forming import cut, grounded, joined, lofted
from benchwright.builders.shapes.outlines import spokes

if TYPE_CHECKING:
    from trimesh import Trimesh

    from benchwright.builders.shapes.forming import Points

WIDTH, DEPTH, HEIGHT = 0.80, 0.84, 0.98  # half-axes of the crown, and how high it rises
REACH = 0.78  # how far the visor stands out in front of the crown
PANELS = 6
PUFF = 0.055  # depth of the seams between the panels, as a share of the crown's radius
CLOTH = 0.05  # thickness of the crown, as a share of its size
STITCHES = (0.62, 0.76, 0.90)  # seams along the visor, as shares of the way to its edge


def cap() -> Trimesh:
    """A baseball cap that lies on its opening, the visor to -y."""
    import trimesh

    shell = cut(_dome(1.0), _dome(1.0 - CLOTH), _opening())
    button = trimesh.creation.icosphere(subdivisions=3, radius=0.11)
    button.apply_scale((1.0, 1.0, 0.6))
    button.apply_translation((0.0, 0.0, HEIGHT))
    return grounded(joined(shell, button, _visor()))


def _power(base: Points, exponent: float) -> Points:
    """A power that keeps the sign: makes circles squarer (exponent below 1)."""
    return np.asarray(np.sign(base) * np.abs(base) ** exponent)


def _dome(scale: float) -> Trimesh:
    """The crown as a solid, its panels bulging between the seams."""
    columns, rows = 24 * PANELS, 40
    around = np.linspace(0.0, 2.0 * np.pi, columns, endpoint=False)[None, :]
    up = np.linspace(0.0, np.radians(88.5), rows)[:, None]
    bulge = 1.0 + PUFF * (np.abs(np.sin(around * PANELS / 2.0)) ** 0.4 - 1.0)
    out = scale * np.cos(up) ** 0.72 * bulge
    # A seam runs down the middle of the front, so the panels are counted from there.
    x, y = WIDTH * out * np.sin(around), -DEPTH * out * np.cos(around)
    z = np.broadcast_to(scale * HEIGHT * np.sin(up), x.shape)
    return lofted(np.stack([x, y, z], axis=-1))


def _opening() -> Trimesh:
    """The tool for the half-round opening behind; below it the cloth is left as a strap."""
    arch = spokes(33, 0.34, 0.0)[:17]
    across, up = arch[::-1].T
    loops = [np.column_stack([across, np.full(17, y), 0.2 + up]) for y in (0.4, 1.2)]
    return lofted(np.stack(loops))


def _visor() -> Trimesh:
    """The visor: a rounded sheet from inside the crown outwards, bent down at both sides."""
    side = np.linspace(np.radians(174.0), np.radians(6.0), 73)[:, None]
    top = np.linspace(0.0, 1.0, 81)
    edge = np.linspace(-np.pi / 2.0, np.pi / 2.0, 9)[1:-1]
    half = 0.035  # of the visor's thickness
    across = np.concatenate([top, 1.0 + 0.04 * np.cos(edge), top[::-1]])
    flat = np.full(len(top), half)
    profile = np.concatenate([flat, -half * np.sin(edge), -flat])
    inner_x, inner_y = 0.88 * WIDTH * np.cos(side), -0.88 * DEPTH * np.sin(side)
    outer_x = 1.08 * WIDTH * _power(np.cos(side), 0.75)
    outer_y = -(DEPTH + REACH) * _power(np.sin(side), 0.8)
    x = inner_x + (outer_x - inner_x) * across
    y = inner_y + (outer_y - inner_y) * across
    groove = np.zeros(len(across))
    for seam in STITCHES:
        groove[: len(top)] += 0.02 * np.exp(-(((top - seam) / 0.018) ** 2))
    sheet = profile - groove * np.sin(side)  # fades where the visor ends, at the sides
    z = sheet + 0.34 - 0.26 * (x / WIDTH) ** 2 - 0.1 * (across * np.sin(side)) ** 2
    return lofted(np.stack([x, y, z], axis=-1))
