"""Which object stands in which slot, and which is mentioned when: the experiment behind a set.

The originals' captions are combinations of one fixed list, so a mention position is confounded
with the objects that happen to come early in it (arXiv 2502.19842; its released code). Here every
object is equally often in every slot and in every mention position, and every object goes equally
often with each of both.

Designs speak of objects by index into the recipe's list, so that a name put in another's place
changes only the scenes that hold it, and they only ever grow: an object appended to the list adds
assignments and changes none. Nothing is materialised; memory is at most a number an orbit.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

from benchwright.builders.combinatorics import draw, rotated, unrank
from benchwright.errors import RecipeError
from benchwright.recipe import Recipe, Sample
from benchwright.seeding import generator


@dataclass(frozen=True, slots=True)
class Assignment:
    """One scene of a design.

    Attributes:
        objects: object index by slot.
        order: slots in mention order.
    """

    objects: tuple[int, ...]
    order: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Design:
    """A family's assignments, the same for all its variants so that they compare scene by scene.

    Attributes:
        seed, family: what the random choices derive from.
        objects: how many objects there are to choose from.
        slots: how many of them a scene holds.
        sample: how many scenes, or None for every ordered choice.
        counterbalanced: or else as the originals: slots fix the mention order, plain sampling.
    """

    seed: int
    family: str
    objects: int
    slots: int
    sample: Sample | None = None
    counterbalanced: bool = True

    @property
    def count(self) -> int:
        """Number of assignments, without making them."""
        if self.sample is None:
            return math.perm(self.objects, self.slots)
        return self.sample.scenes + sum(scenes for _, scenes in self._additions(self.sample))

    def __iter__(self) -> Iterator[Assignment]:
        """Every assignment once."""
        if self.sample is None:
            yield from self._every()
            return
        yield from (
            self._developed(self.sample) if self.counterbalanced else self._plain(self.sample)
        )
        for added, scenes in self._additions(self.sample):
            grow = self._grown if self.counterbalanced else self._plainly_grown
            yield from grow(added, scenes)

    def _every(self) -> Iterator[Assignment]:
        """All ordered choices, latest object ascending.

        The mention order is a function of the *set* of objects alone. Each set comes in all n!
        arrangements under one order, so within each set every object is exactly (n-1)! times in
        each slot and (n-1)! times in each mention position, whatever the order is: both balances
        are exact for any number of objects. Which slot goes with which position differs from set
        to set (see ``_order_of_set``), evenly but not exactly so.
        """
        base = self._shuffled_slots("order")
        for latest in range(self.objects):
            for others in itertools.combinations(range(latest), self.slots - 1):
                held = (*others, latest)
                order = _order_of_set(base, held) if self.counterbalanced else self._slot_order
                for objects in itertools.permutations(held):
                    yield Assignment(objects, order)

    def _developed(self, sample: Sample) -> Iterator[Assignment]:
        """A sample by cyclic development.

        An orbit is a vector of distinct differences d modulo the number of objects K: its K
        assignments (x, x + d1, x + d2, ...) have each object once in each slot, and hence, all
        under one mention order, once in each mention position. Full orbits and a part of one more
        keep both counts within one of each other. n orbits in a row take the n rotations of a
        shuffled order, so slots and mention positions go together equally often as well.
        """
        size = sample.of_objects
        full, rest = divmod(sample.scenes, size)
        orbits = draw(
            generator(self.seed, "orbits", self.family),
            math.perm(size - 1, self.slots - 1),
            full + (rest > 0),
        )
        for number, orbit in enumerate(orbits):
            steps = _steps(orbit, size, self.slots)
            block, turn = divmod(number, self.slots)
            order = rotated(self._shuffled_slots("mention", block), turn)
            residues: Iterator[int] = iter(range(size))
            if number == full:
                residues = draw(generator(self.seed, "residues", self.family), size, rest)
            for x in residues:
                yield Assignment(tuple((x + step) % size for step in steps), order)

    def _grown(self, added: int, scenes: int) -> Iterator[Assignment]:
        """The scenes that an object appended as number ``added`` brings, all of which hold it.

        The other slots are developed cyclically over the objects before it, along one walk through
        the orbits. The walk is cut into n x n pieces, one for each slot and mention position of
        the new object, which gets each slot and each position equally often, within one. A slot's
        pieces never outlast the walk's cycle, so no assignment comes twice.
        """
        n = self.slots
        if n == 1:
            yield Assignment((added,), (0,))
            return
        known = math.perm(added - 1, n - 2)
        needed = min(known, -(-scenes // added))
        orbits = list(draw(generator(self.seed, "orbits", self.family, added), known, needed))
        at = 0
        for slot, diagonal in itertools.product(range(n), range(n)):
            # The odd scenes fill diagonals: each then tops up every slot and position alike.
            piece = scenes // n**2 + (diagonal * n + slot < scenes % n**2)
            mixed = self._shuffled_slots("mention", added, slot)
            order = rotated(mixed, mixed.index(slot) - (slot + diagonal))
            for walked in range(at, at + piece):
                steps = _steps(orbits[walked // added % known], added, n - 1)
                others = [(walked + step) % added for step in steps]
                objects = [added, *others]
                yield Assignment(tuple(objects[(s - slot) % n] for s in range(n)), order)
            at += piece

    def _plain(self, sample: Sample) -> Iterator[Assignment]:
        """Plain sampling without replacement of ordered choices."""
        space = math.perm(sample.of_objects, self.slots)
        for rank in draw(generator(self.seed, "plain", self.family), space, sample.scenes):
            objects = unrank(rank, sample.of_objects, self.slots)
            yield Assignment(objects, self._slot_order)

    def _plainly_grown(self, added: int, scenes: int) -> Iterator[Assignment]:
        """Plain sampling among the ordered choices that hold object ``added`` and earlier ones."""
        space = self.slots * math.perm(added, self.slots - 1)
        for rank in draw(generator(self.seed, "plain", self.family, added), space, scenes):
            others, slot = divmod(rank, self.slots)
            objects = unrank(others, added, self.slots - 1)
            yield Assignment((*objects[:slot], added, *objects[slot:]), self._slot_order)

    def _additions(self, sample: Sample) -> Iterator[tuple[int, int]]:
        """Each object after ``of_objects``, and how many scenes it adds.

        With S scenes over K objects a class has c = S n / K of them. m new scenes, all holding the
        new class, give each old one m (n-1) / K more; all classes then have m alike if
        m = c / (1 - (n-1) / K) = S n / (K - n + 1). That never exceeds what there is to draw: if
        S <= K! / (K-n)!, then m <= n K! / (K-n+1)!, the ordered choices that hold the new one.
        """
        total = sample.scenes
        for added in range(sample.of_objects, self.objects):
            least = added - self.slots + 1
            scenes = max(1, (2 * total * self.slots + least) // (2 * least))  # half rounds up
            yield added, scenes
            total += scenes

    @property
    def _slot_order(self) -> tuple[int, ...]:
        return tuple(range(self.slots))

    def _shuffled_slots(self, *purpose: object) -> tuple[int, ...]:
        slots = list(range(self.slots))
        generator(self.seed, *purpose, self.family).shuffle(slots)
        return tuple(slots)


def design(recipe: Recipe, number: int, slots: int) -> Design:
    """The design of a recipe's subset.

    Args:
        recipe: what to build.
        number: which of its subsets.
        slots: objects a scene of it holds.

    Raises:
        RecipeError: there are too few objects, or more scenes asked for than there are.
    """
    subset, objects = recipe.subsets[number], len(recipe.objects.names)
    place = f'subsets[{number}] "{subset.name}"'
    if slots > objects:
        raise RecipeError(
            f"{place}: {slots} slots but objects.names lists {objects}; "
            "list more objects or choose a smaller layout"
        )
    sample = subset.scenes if isinstance(subset.scenes, Sample) else None
    if sample:
        _check(sample, place, slots, objects)
        if sample.scenes == math.perm(sample.of_objects, slots):
            sample = None  # the whole space, which is balanced exactly
    return Design(
        recipe.seed, subset.name, objects, slots, sample, recipe.balance == "counterbalanced"
    )


def _check(sample: Sample, place: str, slots: int, objects: int) -> None:
    if sample.of_objects > objects:
        raise RecipeError(
            f"{place}: scenes.of_objects is {sample.of_objects} but objects.names lists "
            f"{objects}; set it to {objects}"
        )
    if sample.of_objects < slots:
        raise RecipeError(
            f"{place}: scenes.of_objects is {sample.of_objects} but a scene has {slots} slots; "
            f"set it to the {objects} of objects.names or choose a smaller layout"
        )
    space = math.perm(sample.of_objects, slots)
    if sample.scenes > space:
        raise RecipeError(
            f"{place}: scenes.scenes is {sample.scenes:,} but {sample.of_objects} objects in "
            f"{slots} slots make {space:,}; ask for fewer, or for all"
        )


def _steps(orbit: int, size: int, length: int) -> tuple[int, ...]:
    """The offsets of an orbit's assignments: 0 and distinct non-zero differences."""
    return (0, *(step + 1 for step in unrank(orbit, size - 1, length - 1)))


def _order_of_set(base: tuple[int, ...], held: tuple[int, ...]) -> tuple[int, ...]:
    """The mention order of a set of objects, given ascending.

    A rotation by the sum of the indices takes all values about equally often, over all sets and
    over the sets that hold any one object; the latest object's term evens out what a sum of
    distinct numbers leaves uneven (for pairs, even sums are rarer). Every other rotation is read
    backwards, so that no slot mostly comes right after another.
    """
    n = len(base)
    order = rotated(base, sum(held) + held[-1] // n)
    backwards = n > 2 and sum(index // n for index in held) % 2
    return order[::-1] if backwards else order
