"""The record of a scene: what a sample's JSON holds, exactly as the builder knows it.

A record depends on its own scene alone, never on the rest of the recipe, so a recipe can grow
without touching the samples it already has.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any


@dataclass(frozen=True, slots=True)
class Placed:
    """An object standing in a scene, before any pixel exists.

    Attributes:
        name: the word captions use.
        asset: id in the sprite source.
        slot: index of its place in the layout; -1 where placement is free.
        x, y: ground position in world units; the camera looks along +y.
        yaw: degrees counter-clockwise seen from above.
        tilt: degrees it leans to the viewer's right, before it is turned by the yaw.
        pose: ``standing``, ``lying``, ``leaning`` or ``flat``.
        scale: size relative to the asset's unit size.
        size: role in the layout: ``large``, ``small`` or ``same``.
        colour: sRGB hex, ``#rrggbb``, or ``own`` for an asset with colours of its own.
        material: ``rubber`` or ``metal``, or ``own``.
    """

    name: str
    asset: str
    slot: int
    x: float
    y: float
    yaw: int
    tilt: int
    pose: str
    scale: float
    size: str
    colour: str
    material: str

    def __reduce__(self) -> tuple[type[Placed], tuple[Any, ...]]:
        """For pickling, three times as fast as a frozen dataclass does; plans are pickled."""
        return Placed, _VALUES[Placed](self)


@dataclass(frozen=True, slots=True)
class Scene:
    """One laid-out image: exists as data before it is drawn.

    Attributes:
        width, height: pixels.
        background: sRGB hex of a plain ground, or the name of a texture's window or a photograph
            (see ``benchwright.builders.backgrounds.views``).
        camera: name of the camera (see ``benchwright.builders.camera``).
        lighting: name of the light the sprites were baked under.
        objects: in mention order.
        twin_of: key of the scene this one is the twin of, or "".
        factor: the one factor in which it differs from that scene, or "".
    """

    width: int
    height: int
    background: str
    camera: str
    lighting: str
    objects: tuple[Placed, ...]
    twin_of: str = ""
    factor: str = ""
    _key: str = dataclasses.field(default="", init=False, repr=False, compare=False)

    @property
    def key(self) -> str:
        """First 16 hex digits of the sha256 of the canonical scene; worked out once."""
        if not self._key:
            fields = _shallow(self)
            fields["objects"] = [_shallow(placed) for placed in self.objects]
            key = hashlib.sha256(canonical_json(fields)).hexdigest()[:16]
            object.__setattr__(self, "_key", key)  # of a frozen record: nothing it states changes
        return self._key


PLACED_FIELDS = tuple(field.name for field in dataclasses.fields(Placed))


@dataclass(frozen=True, slots=True)
class Caption:
    """A caption: its text, which object (index into ``objects``) it names in which order."""

    text: str
    order: tuple[int, ...]
    template: str


@dataclass(frozen=True, slots=True)
class ObjectRecord:
    """An object as drawn: its ``Placed`` fields and what was measured on the image.

    Attributes:
        depth: world units behind the ground's origin along the camera's axis; larger is farther.
        box: x, y, width, height in pixels of the visible part; zeros when wholly hidden.
        visible_area: visible pixels (the count of its value in the mask).
        full_area: pixels inside the image it would cover with nothing in front of it.
        occluded: 1 - visible_area / full_area.
    """

    name: str
    asset: str
    slot: int
    x: float
    y: float
    yaw: int
    tilt: int
    pose: str
    scale: float
    size: str
    colour: str
    material: str
    depth: float
    box: tuple[int, int, int, int]
    visible_area: int
    full_area: int
    occluded: float


@dataclass(frozen=True, slots=True)
class SceneRecord:
    """The JSON member of a scene sample. Fields as in ``Scene``, objects measured."""

    key: str
    width: int
    height: int
    background: str
    camera: str
    lighting: str
    twin_of: str
    factor: str
    objects: tuple[ObjectRecord, ...]
    captions: tuple[Caption, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain dicts and tuples, in declared field order."""
        fields = _shallow(self)
        fields["objects"] = [_shallow(placed) for placed in self.objects]
        fields["captions"] = [_shallow(caption) for caption in self.captions]
        return fields

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> SceneRecord:
        """The record that ``to_dict`` (or its JSON) came from."""
        objects = tuple(ObjectRecord(**{**o, "box": tuple(o["box"])}) for o in fields["objects"])
        captions = tuple(Caption(**{**c, "order": tuple(c["order"])}) for c in fields["captions"])
        return cls(**{**fields, "objects": objects, "captions": captions})

    def scene(self) -> Scene:
        """The scene this record was measured on; its key is the record's key."""
        objects = tuple(
            Placed(**{name: getattr(o, name) for name in PLACED_FIELDS}) for o in self.objects
        )
        return Scene(
            self.width, self.height, self.background, self.camera, self.lighting,
            objects, self.twin_of, self.factor,
        )  # fmt: skip


_FIELDS = {
    kind: tuple(field.name for field in dataclasses.fields(kind) if field.init)
    for kind in (Placed, Scene, Caption, ObjectRecord, SceneRecord)
}


_VALUES: dict[type, Callable[[Any], tuple[Any, ...]]] = {
    kind: attrgetter(*names) for kind, names in _FIELDS.items()
}


def _shallow(record: Placed | Scene | Caption | ObjectRecord | SceneRecord) -> dict[str, Any]:
    """Field to value as it is; ``dataclasses.asdict`` copies deeply, ten times as slowly."""
    kind = type(record)
    return dict(zip(_FIELDS[kind], _VALUES[kind](record), strict=True))


_CANONICAL = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
)


def canonical_json(value: Any) -> bytes:
    """The one byte string of a JSON value: sorted keys, no spaces, UTF-8, no NaN."""
    return _CANONICAL.encode(value).encode()
