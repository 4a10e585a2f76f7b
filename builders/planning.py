"""From a recipe to shard plans: which scenes lie in which shard, made for growth."""

from __future__ import annotations

import hashlib
import pickle
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial

from benchwright import record_schema
from benchwright.builders import scenes as scene_sets
from benchwright.builders.backgrounds.views import Photos, identity
from benchwright.builders.balance import Balance
from benchwright.builders.blender.version import rendered_by
from benchwright.builders.sprites import Aspect, SpriteSource
from benchwright.errors import RecipeError
from benchwright.images import encoder_versions
from benchwright.recipe import Recipe
from benchwright.record import Scene, canonical_json

DRAWING = 1
"""Version of what turns a scene into bytes; raise it with any change of pixels or records."""


@dataclass(frozen=True, slots=True)
class ShardPlan:
    """A shard before it exists.

    Attributes:
        config, split, index: its place; ``path`` is its name in the dataset folder.
        samples: how many it will hold.
        digest: identity of its content: two plans with one digest give the same bytes.
        packed: its scenes and their plan digests, compressed to a tenth: only the split being
            planned is held as it is, some 1.2 kB a scene.
    """

    config: str
    split: str
    index: int
    samples: int
    digest: str
    packed: bytes

    @property
    def path(self) -> str:
        """Name of the shard, relative to the dataset folder."""
        return shard_path(self.config, self.split, self.index)

    def scenes(self) -> list[tuple[Scene, str]]:
        """Its scenes in order, each with the plan digest of its sample."""
        planned: list[tuple[Scene, str]] = pickle.loads(zlib.decompress(self.packed))
        return planned

    def sample_plans(self) -> Iterator[tuple[str, str]]:
        """Key and plan digest of each sample."""
        return ((scene.key, plan) for scene, plan in self.scenes())


def shard_path(config: str, split: str, index: int) -> str:
    """``two/left_big-00003.tar``: no total in the name, so appended shards rename nothing."""
    return f"{config}/{split}-{index:05d}.tar"


def plan_shards(recipe: Recipe, source: SpriteSource, balance: Balance) -> Iterator[ShardPlan]:
    """The shards of a recipe, in order.

    Samples are grouped by the latest-listed object they hold, sorted by key, and cut into ranges:
    an object appended to the recipe appends shards and leaves the others as they are.

    Args:
        recipe: what to build.
        source: where its sprites come from; their digests enter the plans.
        balance: counts every scene that stays.

    Raises:
        RecipeError: the recipe asks for what cannot be.
    """
    stamp, digest = _stamp(recipe), cache(source.digest)
    ground = cache(partial(identity, photos=Photos(recipe.photo_folders)))
    withdrawal = Withdrawal(recipe)
    for split in scene_sets.splits(recipe):
        groups: dict[int, list[tuple[str, Scene]]] = defaultdict(list)
        for grouped in scene_sets.scenes(recipe, split, source):
            if not withdrawal.takes(grouped.scene):
                balance.add(split, grouped.scene)
            groups[grouped.group].append((grouped.scene.key, grouped.scene))
        index = 0
        for group in sorted(groups):
            members = [scene for _, scene in sorted(groups.pop(group), key=lambda pair: pair[0])]
            # Withdrawn samples leave after the cut, so the other shards stay as they are.
            for chunk in _ranges(members, recipe.shard_size):
                kept = [scene for scene in chunk if not withdrawal.takes(scene)]
                planned = [
                    (scene, sample_plan(scene, digest, stamp + ground(scene.background).encode()))
                    for scene in kept
                ]
                if planned:
                    yield _pack(split.config, split.split, index, planned)
                index += 1
    withdrawal.check_all_met()


class Withdrawal:
    """The samples a recipe withdraws, and which of them were met."""

    def __init__(self, recipe: Recipe) -> None:
        """Of a recipe."""
        self._places = {sample.key: i for i, sample in enumerate(recipe.withdrawn)}
        self._unmet = set() if recipe.limit else set(self._places)

    def takes(self, scene: Scene) -> bool:
        """Whether a scene is withdrawn itself, or is a twin of one that is."""
        self._unmet.discard(scene.key)
        return scene.key in self._places or scene.twin_of in self._places

    def check_all_met(self) -> None:
        """Refuse a key that no scene has; of a first look with ``limit`` that cannot be known.

        Raises:
            RecipeError: names the first such entry.
        """
        for place in sorted(self._places[key] for key in self._unmet):
            raise RecipeError(
                f"withdrawn[{place}].key: no scene of this recipe has it; remove the entry"
            )


def _ranges(members: list[Scene], most: int) -> Iterator[list[Scene]]:
    """Cut into the fewest ranges of at most ``most``, as equal as can be."""
    parts = -(-len(members) // most)
    for part in range(parts):
        yield members[part * len(members) // parts : (part + 1) * len(members) // parts]


def _pack(config: str, split: str, index: int, planned: list[tuple[Scene, str]]) -> ShardPlan:
    identity = hashlib.sha256(shard_path(config, split, index).encode())
    for _, plan in planned:
        identity.update(plan.encode())
    packed = zlib.compress(pickle.dumps(planned), 1)
    return ShardPlan(config, split, index, len(planned), identity.hexdigest()[:32], packed)


def _stamp(recipe: Recipe) -> bytes:
    """Whatever, besides the scene and its sprites, decides a sample's bytes."""
    return canonical_json(
        {
            "drawing": DRAWING,
            "schema": record_schema.VERSION,
            "quality": recipe.image.quality,
            "captions": recipe.captions,
            "look": recipe.objects.look,
            "encoders": encoder_versions(),
            **rendered_by(recipe),
        }
    )


def sample_plan(scene: Scene, digest: Callable[[str, Aspect, str], str], stamp: bytes) -> str:
    """Identity of a sample's bytes: scene, sprites, and a stamp of all else. 32 hex digits."""
    identity = hashlib.sha256(stamp + scene.key.encode())
    for placed in scene.objects:
        aspect = Aspect(placed.yaw, placed.tilt, placed.pose, scene.camera)
        identity.update(digest(placed.asset, aspect, placed.material).encode())
    return identity.hexdigest()[:32]
