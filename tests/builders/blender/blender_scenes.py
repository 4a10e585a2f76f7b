"""Scenes that tests render: small, of built-in shapes."""

from benchwright.builders.blender.view import AREA_LAMPS
from benchwright.record import Placed, Scene


def placed(name, x=0.0, y=0.0, scale=1.0, yaw=0, colour="#2a4bd7", material="rubber"):
    return Placed(name, name, 0, x, y, yaw, 0, "standing", scale, "same", colour, material)


def scene(*objects, size=96, camera="perspective", background="#cdcdcd"):
    return Scene(size, size, background, camera, AREA_LAMPS, objects)
