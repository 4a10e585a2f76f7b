"""Bad GLB files, made by code."""

import json
import struct

import numpy as np
import trimesh

Bad = dict[str, tuple[bytes, str]]

VERSION = {"version": "2.0"}


def glb(tree: object, body: bytes = b"") -> bytes:
    """A GLB with any JSON, or bytes in its place."""
    text = tree if isinstance(tree, bytes) else json.dumps(tree).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<I4s", len(text), b"JSON") + text
    chunks += struct.pack("<I4s", len(body), b"BIN\0") + body
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


def brick() -> bytes:
    """A good one."""
    return bytes(trimesh.creation.box((1, 2, 3)).export(file_type="glb"))


def changed(**changes: object) -> bytes:
    """A good one, some of its tree replaced."""
    whole = brick()
    size = struct.unpack("<I", whole[12:16])[0]
    tree = json.loads(whole[20 : 20 + size])
    return glb({**tree, **changes}, whole[28 + size :])


def _accessor(**changes: object) -> bytes:
    whole = brick()
    size = struct.unpack("<I", whole[12:16])[0]
    tree = json.loads(whole[20 : 20 + size])
    tree["accessors"] = [{**accessor, **changes} for accessor in tree["accessors"]]
    return glb(tree, whole[28 + size :])


def _cut() -> Bad:
    whole, noise = brick(), np.random.default_rng(13)
    size = struct.unpack("<I", whole[12:16])[0]
    return {
        "nothing": (b"", "GLB|no faces"),
        "its magic": (b"glTF", "GLB"),
        "cut in its header": (whole[:10], "GLB"),
        "cut in its tree": (whole[:100], "GLB"),
        "cut in its body": (whole[: 40 + size], "."),
        "noise": (noise.bytes(3000), "GLB"),
        "noise behind its header": (whole[:20] + noise.bytes(3000), "GLB|broken"),
        "a tree of four gigabytes": (whole[:12] + b"\xff" * 4 + whole[16:], "GLB"),
        "another chunk first": (whole[:16] + b"BIN\0" + whole[20:], "GLB"),
        "a web page": (b"<!doctype html>" * 9, "GLB"),
        "a zip": (b"PK\x03\x04" + bytes(99), "GLB"),
    }


def _trees() -> Bad:
    deep: object = 1
    ring = [{"mesh": 0, "children": [1]}, {"children": [0]}]
    for _ in range(900):
        deep = [deep]
    return {
        "no JSON": (glb(b"{"), "broken"),
        "a list": (glb([]), "broken"),
        "a number": (glb(b"7"), "broken"),
        "deep JSON": (glb(b"[" * 100_000), "broken"),
        "no meshes": (glb({"asset": VERSION}), "no faces"),
        "meshes that are a number": (changed(meshes=5), "broken"),
        "meshes without primitives": (changed(meshes=[{}]), "broken|no faces"),
        "a primitive that is a text": (changed(meshes=[{"primitives": "x"}]), "broken"),
        "a primitive of an accessor that is not there": (
            changed(meshes=[{"primitives": [{"attributes": {"POSITION": 99}, "indices": 98}]}]),
            "broken"),
        "an accessor below zero": (
            changed(meshes=[{"primitives": [{"attributes": {"POSITION": -1}, "indices": -1}]}]),
            "."),
        "no accessors": (changed(accessors=[]), "broken"),
        "a billion vertices": (_accessor(count=10**9), "hold|at most"),
        "fewer vertices than none": (_accessor(count=-1), "."),
        "vertices of infinity": (_accessor(count=1e400), "broken"),
        "an unknown kind of number": (_accessor(componentType=1), "."),
        "an unknown kind of vector": (_accessor(type="VEC9"), "."),
        "views that are not there": (changed(bufferViews=[]), "."),
        "views beyond the buffer": (
            changed(bufferViews=[{"buffer": 0, "byteOffset": 10**9, "byteLength": 10**9}] * 9),
            "."),
        "a buffer elsewhere": (
            changed(buffers=[{"uri": "http://x/y", "byteLength": 9}]), "refers to"),
        "a buffer of this machine": (
            changed(buffers=[{"uri": "/etc/passwd", "byteLength": 9}]), "refers to"),
        "a picture elsewhere": (changed(images=[{"uri": "../../x.png"}]), "refers to"),
        "nodes in a ring": (changed(nodes=ring, scenes=[{"nodes": [0]}]), ""),
        "a node twice in the tree": (
            changed(nodes=[{"children": [1, 1]}, {"mesh": 0}], scenes=[{"nodes": [0]}]), "twice"),
        "a node of a mesh that is not there": (changed(nodes=[{"mesh": 7}]), "broken"),
        "a hundred thousand nodes": (changed(nodes=[{"mesh": 0}] * 100_000), "nodes"),
        "nodes that are texts": (changed(nodes=["x"]), "broken"),
        "a scene that is not there": (changed(scene=9), "."),
        "places of no numbers": (
            changed(nodes=[{"mesh": 0, "matrix": ["x"] * 16}]), "."),
        "places of infinity": (
            changed(nodes=[{"mesh": 0, "scale": [1e308, 1e308, 1e308]}]), "."),
        "a deep extra": (changed(extras=deep), ""),
        "another version": (changed(asset={"version": "9.0"}), ""),
    }  # fmt: skip


MESHES: Bad = {**_cut(), **_trees()}
"""Name to bytes, and what the refusal must say; empty: it may as well be read."""
