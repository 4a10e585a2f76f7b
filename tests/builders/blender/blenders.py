"""A Blender if there is one, and stand-ins that speak its protocol and fail as it may."""

import sys

import pytest

from benchwright.builders.blender.finding import find
from benchwright.builders.blender.process import BlenderError

STAND_IN = """#!PYTHON
import json, os, signal, sys, time
from pathlib import Path
with Path(__file__).with_name("starts").open("a") as starts:
    starts.write("started\\n")
print("Blender chats before it speaks")
print(json.dumps({"blender": "VERSION"}), flush=True)
def draw(line):
    from PIL import Image
    asked = json.loads(line)
    full = [f"full-{n}.png" for n in range(len(asked["objects"]))]
    for name in ["mask.png", *full]:
        Image.new("L", asked["size"], 1).save(Path(asked["folder"]) / name)
    Image.new("RGB", asked["size"], "white").save(Path(asked["folder"]) / "image.png")
    print(json.dumps({"image": "image.png", "mask": "mask.png", "full": full}), flush=True)
for line in sys.stdin:
    DOES
"""


@pytest.fixture
def stand_in(tmp_path):
    """Makes a stand-in for Blender that does something with each request."""

    def made(does="draw(line)", version="0.0 stand-in"):
        path = tmp_path / f"blender-{abs(hash((does, version)))}"
        text = STAND_IN.replace("PYTHON", sys.executable).replace("VERSION", version)
        path.write_text(text.replace("DOES", does))
        path.chmod(0o755)
        return path

    return made


@pytest.fixture(scope="session")
def blender():
    """The Blender of this machine."""
    try:
        return find()
    except BlenderError as error:
        pytest.skip(str(error))
