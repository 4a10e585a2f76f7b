"""Addresses of a corpus: which host, port and path a row has, and moving them to another port."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from benchwright.builders.corpus import kinds
from benchwright.builders.corpus.formats import FORMATS
from benchwright.builders.corpus.planning import Planned
from benchwright.corpus_recipe import CorpusRecipe
from benchwright.seeding import digest, generator

SECTIONS = ("images", "wp-content/uploads/2019/07", "media/catalog/product", "img/full", "photos")
"""Where sites keep their pictures."""

CLOSED = "127.0.0.1:9"
"""Where nothing listens: port 9 was that of the discard service."""

NOWHERE = tuple(f"cdn{number}.pictures.invalid" for number in range(4))
"""Hosts that no resolver knows: the top-level domain is reserved for that (RFC 6761, 6.4)."""

PRIVATE = (
    "http://10.0.0.1",
    "http://192.168.1.1/admin",
    "http://172.16.4.20",
    "http://169.254.169.254/latest/meta-data",
    "http://[fd00::1]",
)
"""Private networks, and the address at which clouds tell a machine its secrets; a path follows."""

NOT_WEB = (
    "ftp://127.0.0.1/pub/picture.jpg",
    "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7",
    "file:///etc/hostname",
    "/images/thumb.jpg",
    "picture.jpg",
    "javascript:void(0)",
)
"""What stands where an address should."""


def path(recipe: CorpusRecipe, planned: Planned, purpose: str = "path") -> str:
    """The path of a row's address: like a site's, and its own."""
    number = digest(recipe.seed, "corpus", purpose, planned.row)
    return f"/{SECTIONS[number % len(SECTIONS)]}/{number:016x}.{FORMATS[planned.form].ending}"


def address(recipe: CorpusRecipe, planned: Planned) -> str | None:
    """The address of a row that does not repeat another's; None where the table holds null."""
    draw = generator(recipe.seed, "corpus", "address", planned.row)
    own = path(recipe, planned)
    host = f"{draw.choice(recipe.hosts)}:{recipe.port}"
    fixed: dict[str, Callable[[], str | None]] = {
        "no_url": lambda: draw.choice(("", None)),
        "bad_url": lambda: draw.choice(NOT_WEB),
        "private": lambda: f"{draw.choice(PRIVATE)}{own}",
        "dns": lambda: f"http://{draw.choice(NOWHERE)}{own}",
        "refused": lambda: f"http://{CLOSED}{own}",
        "tls": lambda: f"https://{host}{own}",
    }
    return fixed.get(planned.delivery, lambda: f"http://{host}{own}")()


def is_served(planned: Planned) -> bool:
    """Whether the server answers on the row's own path."""
    return planned.delivery not in kinds.UNSERVED


def mover(
    recipe: CorpusRecipe, port: int, hosts: Collection[str]
) -> Callable[[str | None], str | None]:
    """What moves an address of the corpus's server to another port of hosts that there are.

    Args:
        recipe: of the corpus.
        port: instead of the recipe's.
        hosts: those that are served; another's addresses move to the first of them.
    """
    known = "|".join(re.escape(host) for host in recipe.hosts)
    ours = re.compile(rf"^(https?://)({known}):{recipe.port}(?=/)")
    instead = next(iter(hosts))

    def replaced(found: re.Match[str]) -> str:
        host = found[2] if found[2] in hosts else instead
        return f"{found[1]}{host}:{port}"

    return lambda url: None if url is None else ours.sub(replaced, url)
