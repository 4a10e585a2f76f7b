"""What decides the pixels of Blender's scenes, besides the scene and its meshes."""

from __future__ import annotations

from typing import Any

from benchwright.builders.blender.finding import find
from benchwright.recipe import Recipe

RENDERING = 1
"""Version of light, cameras and materials; raise it with any change that moves a pixel."""


def rendered_by(recipe: Recipe) -> dict[str, Any]:
    """Blender's version, the samples, our own version; nothing for a composed set.

    Raises:
        BlenderError: there is no Blender.
    """
    if recipe.render == "composed":
        return {}
    blender = find(recipe.blender.executable).version
    return {"blender": blender, "samples": recipe.blender.samples, "rendering": RENDERING}
