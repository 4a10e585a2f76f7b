"""What the server answers for each row: its page, and whatever stands in the way of it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from benchwright.builders.corpus.addresses import PRIVATE, path
from benchwright.builders.corpus.formats import FORMATS
from benchwright.builders.corpus.planning import Planned
from benchwright.builders.corpus.routes import Answer
from benchwright.corpus_recipe import CorpusRecipe
from benchwright.rejection import Reason
from benchwright.seeding import generator

Headers = tuple[tuple[str, str], ...]

STATUSES: dict[str, tuple[int, ...]] = {
    "not_found": (404, 404, 404, 410),
    "forbidden": (401, 403, 403, 451),
    "rate_limited": (429,),
    "client_error": (400, 406, 418),
    "server_error": (500, 502, 503),
}
"""To draw from, for each delivery that is an error, however often it is tried."""

HEALING: dict[int, Reason] = {
    429: Reason.RATE_LIMITED,
    500: Reason.SERVER_ERROR,
    503: Reason.SERVER_ERROR,
}
"""Errors that pass, and the reason given until they do."""

OPT_OUTS: tuple[Headers, ...] = (
    (("X-Robots-Tag", "noai"),),
    (("X-Robots-Tag", "noimageai"),),
    (("X-Robots-Tag", "noindex"),),
    (("X-Robots-Tag", "nofollow, NoAI"),),
    (("X-Robots-Tag", "nofollow"), ("X-Robots-Tag", "noimageindex")),
    (("X-Robots-Tag", "benchwright: noai"),),
)
"""Headers by which a site says no to us."""

OTHER_ROBOTS: tuple[Headers, ...] = (
    (("X-Robots-Tag", "otherbot: noai"),),
    (("X-Robots-Tag", "nofollow"),),
    (("X-Robots-Tag", "max-image-preview: large"),),
)
"""Headers that do not."""

OTHER_TYPES = ("text/html; charset=utf-8", "application/octet-stream", "")
"""What a picture is said to be where its type is wrong; "" says nothing."""


def until_healed(recipe: CorpusRecipe, planned: Planned) -> Reason | None:
    """The reason a row's first request is refused for, though a later one is not."""
    if planned.delivery != "healing":
        return None
    return HEALING[_chance(recipe, planned).choice(tuple(HEALING))]


def routes(
    recipe: CorpusRecipe, planned: Planned, file: str
) -> Iterator[tuple[str, tuple[Answer, ...]]]:
    """Each path that a served row has, with its answers.

    Args:
        recipe: of the corpus.
        planned: the row.
        file: its page below ``pages``, or "".
    """
    chance = _chance(recipe, planned)
    own, further = path(recipe, planned), path(recipe, planned, "moved")
    media_type = FORMATS[planned.form].media_type
    page = Answer(headers=(("Content-Type", media_type),), file=file)
    delivery = planned.delivery
    if delivery in STATUSES:
        yield own, (_error(chance.choice(STATUSES[delivery])),)
    elif delivery == "healing":
        yield own, (_error(chance.choice(tuple(HEALING))), page)
    elif delivery in ("redirect", "redirect_loop"):
        yield own, (_moved(chance, further),)
        yield further, (page if delivery == "redirect" else _moved(chance, own),)
    elif delivery == "redirect_private":
        yield own, (_moved(chance, chance.choice(PRIVATE) + further),)
    else:
        yield own, (_altered(recipe, delivery, page, chance),)


def _chance(recipe: CorpusRecipe, planned: Planned) -> random.Random:
    return generator(recipe.seed, "corpus", "answer", planned.row)


def _altered(recipe: CorpusRecipe, delivery: str, page: Answer, chance: random.Random) -> Answer:
    """The page, as a delivery changes it."""

    def typed(media_type: str) -> Answer:
        return Answer(headers=(("Content-Type", media_type),) if media_type else (), file=page.file)

    changes: dict[str, Callable[[], Answer]] = {
        "wrong_type": lambda: typed(chance.choice(OTHER_TYPES)),
        "other_robot": lambda: _tagged(page, chance.choice(OTHER_ROBOTS)),
        "opt_out": lambda: _tagged(page, chance.choice(OPT_OUTS)),
        "slow": lambda: Answer(page.status, page.headers, page.file, recipe.slow_seconds),
        "dropped": lambda: Answer(page.status, page.headers, page.file, drop=True),
    }
    return changes.get(delivery, lambda: page)()


def _tagged(page: Answer, tags: Headers) -> Answer:
    return Answer(headers=(*page.headers, *tags), file=page.file)


def _error(status: int) -> Answer:
    return Answer(status, (("Retry-After", "0"),) if status in (429, 503) else ())


def _moved(chance: random.Random, where: str) -> Answer:
    return Answer(chance.choice((301, 302, 307, 308)), (("Location", where),))
