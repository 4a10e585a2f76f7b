"""iNaturalist's open data in small: its four tables, and their photographs served on loopback."""

import gzip
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from composed_photographs import photographs

TAXA = {"zebra": "Equus quagga", "giraffe": "Giraffa camelopardalis", "sheep": "Ovis aries"}
"""What the calibration models know, as iNaturalist names it."""

CLASSES = "".join(f"{name}: {{taxon: {taxon}}}\n" for name, taxon in TAXA.items())
"""A user's file of classes."""

LICENCES = ("CC-BY", "CC0", "CC-BY-NC")
SIZE = 240
"""Pixels of a side: above the shipped recipe's least, 224."""


@dataclass
class Photographs:
    """What a server gives, by path.

    Attributes:
        port: on loopback.
        files: path to the photograph's bytes.
        fates: path to a status, or to other bytes, in its place.
    """

    port: int
    files: dict[str, bytes] = field(default_factory=dict)
    fates: dict[str, int | bytes] = field(default_factory=dict)

    @property
    def base(self) -> str:
        """What ``source.photos`` names."""
        return f"http://127.0.0.1:{self.port}/photos"

    def answer(self, path: str) -> tuple[int, bytes]:
        """Status and bytes."""
        given = self.fates.get(path, self.files.get(path, 404))
        return (given, b"no") if isinstance(given, int) else (200, given)


def write_tables(folder: Path, places: list[tuple[str, str]], observers: int, seed: int = 0):
    """The four tables of a photograph a place, two a photographer and more; gives their paths.

    Args:
        folder: made anew.
        places: class and background of each photograph.
        observers: people.
        seed: who saw what.
    """
    folder.mkdir(parents=True)
    chance = random.Random(seed)
    taxa = {name: 100 + number for number, name in enumerate(TAXA)}
    tables = {
        "taxa": [("taxon_id", "ancestry", "rank_level", "rank", "name", "active"),
                 (1, "", 70, "kingdom", "Animalia", "true"),
                 *((number, "1", 10, "species", TAXA[name], "true")
                   for name, number in taxa.items())],
        "observers": [("observer_id", "login", "name"),
                      *((who, f"person{who}", f'Person "{who}" O\'Neill')
                        for who in range(observers))],
        "observations": [("observation_uuid", "observer_id", "latitude", "longitude",
                          "positional_accuracy", "taxon_id", "quality_grade", "observed_on",
                          "anomaly_score")],
        "photos": [("photo_uuid", "photo_id", "observation_uuid", "observer_id", "extension",
                    "license", "width", "height", "position")],
    }  # fmt: skip
    paths = []
    for number, (name, _) in enumerate(places):
        who, seen = chance.randrange(observers), f"seen-{number:04d}"
        tables["observations"].append(
            (seen, who, 1.5, 2.5, "", taxa[name], "research", "2024-05-01", "")
        )
        tables["photos"].append(
            (f"uuid-{number:04d}", 5000 + number, seen, who, "jpg", LICENCES[number % 3], 2048,
             1536, 0)
        )  # fmt: skip
        paths.append(f"/photos/{5000 + number}/medium.jpg")
    for name, rows in tables.items():
        with gzip.open(folder / f"{name}.csv.gz", "wt", encoding="utf-8") as file:
            file.writelines("\t".join(map(str, row)) + "\n" for row in rows)
    return paths


@contextmanager
def open_data(
    folder: Path, counts: dict[tuple[str, str], int], observers: int = 120
) -> Iterator[Photographs]:
    """Write the tables, and serve their photographs while the context is open.

    Args:
        folder: of the tables; made anew.
        counts: (class, background) to photographs.
        observers: people who took them.
    """
    places = [place for place, count in counts.items() for _ in range(count)]
    random.Random(1).shuffle(places)
    paths = write_tables(folder, places, observers)
    taken = dict(zip(paths, photographs(places, size=SIZE), strict=True))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = served.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Type", "image/jpeg")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served = Photographs(server.server_address[1], taken)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
