"""iNaturalist's open data as a table of addresses, with licence, creator and observer.

The four files as published (tab-separated, a header, gzip; https://github.com/inaturalist/
inaturalist-open-data): ``taxa`` (taxon_id, ancestry, rank_level, rank, name, active),
``observations`` (observation_uuid, observer_id, ..., taxon_id, quality_grade, observed_on, ...),
``photos`` (photo_uuid, photo_id, observation_uuid, observer_id, extension, license, width, height,
position) and ``observers`` (observer_id, login, name). Photos number hundreds of millions: each
file is streamed once, only what is wanted is held, and that spills to disk.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb
import fsspec
import pyarrow as pa
import pyarrow.parquet as pq

from benchwright.curation.download.database import connected, quoted, write_parquet
from benchwright.curation.download.folder import DownloadFolder
from benchwright.curation.vocabulary import VocabularyClass
from benchwright.dataset import read_json, write_json
from benchwright.errors import DatasetError

PHOTOS = "https://inaturalist-open-data.s3.amazonaws.com/photos"
"""Where the photographs lie: ``/{photo_id}/{size}.{extension}`` follows."""

SIZES = {"original": 2048, "large": 1024, "medium": 500, "small": 240}
"""Name to pixels of the longer side."""

LICENCES = ("CC0", "PD", "CC-BY", "CC-BY-SA", "CC-BY-NC", "CC-BY-NC-SA")
"""Those under which a photograph may be passed on in another size. ND forbids the other size; no
licence forbids all."""

GRADE = "research"
"""Quality grade of observations that several people agree on, with a date and a place."""

ORDERS = ("sample", "newest")
COLUMNS = {
    "taxa": {"taxon_id", "ancestry", "name", "active"},
    "observations": {
        "observation_uuid",
        "observer_id",
        "taxon_id",
        "quality_grade",
        "observed_on",
    },
    "photos": {
        "photo_uuid",
        "photo_id",
        "observation_uuid",
        "extension",
        "license",
        "width",
        "height",
        "position",
    },
    "observers": {"observer_id", "login", "name"},
}
"""Files, and the columns of each that are used; later releases may add more."""


@dataclass(frozen=True, slots=True)
class PhotoChoice:
    """Which photographs are taken.

    Attributes:
        per_class: at most; one an observation.
        licences: as iNaturalist writes them.
        size: one of ``SIZES``.
        order: ``newest`` observations first, or a seeded ``sample``.
        seed: of the sample; 0 is a seed.
        photos: where the photographs lie.
    """

    per_class: int = 1000
    licences: tuple[str, ...] = LICENCES
    size: str = "medium"
    order: str = "sample"
    seed: int = 0
    photos: str = PHOTOS


@dataclass(frozen=True, slots=True)
class Photographs:
    """A table of addresses that was written.

    Attributes:
        path: Parquet.
        chosen: class to photographs.
        licences: licence to photographs of these classes, wanted or not.
    """

    path: Path
    chosen: Mapping[str, int]
    licences: Mapping[str, int]


def choose(
    source: Path, folder: DownloadFolder, classes: Sequence[VocabularyClass], choice: PhotoChoice
) -> Photographs:
    """Write the table of addresses of a download, unless it is there from an earlier run.

    Args:
        source: folder with iNaturalist's files.
        folder: of the download.
        classes: each with its ``taxon``, or named as one.
        choice: which photographs.

    Raises:
        DatasetError: a file is missing or broken, a class is no taxon, or nothing fits.
    """
    _check(classes, choice)
    files = {name: _file(source, name) for name in COLUMNS}
    folder.work.mkdir(parents=True, exist_ok=True)
    path, note = folder.work / "inaturalist.parquet", folder.work / "inaturalist.json"
    asked = {
        "classes": [[each.name, *_words(each)] for each in classes],
        "choice": {**asdict(choice), "licences": list(choice.licences)},
        "files": {name: file.stat().st_size for name, file in files.items()},
    }
    held = read_json(note)
    if not (path.is_file() and isinstance(held, dict) and held.get("asked") == asked):
        with connected(folder.temporary) as database:
            licences = _select(database, files, classes, choice)
            write_parquet(database, _table(choice), path)
        held = {"asked": asked, "licences": licences}
        write_json(note, held)
    names = pq.read_table(path, columns=["class"]).column("class").value_counts().to_pylist()
    counts = {each["values"]: each["counts"] for each in names}
    chosen = {each.name: counts.get(each.name, 0) for each in classes}
    return Photographs(path, chosen, held["licences"])


def _check(classes: Sequence[VocabularyClass], choice: PhotoChoice) -> None:
    if not classes:
        raise DatasetError("iNaturalist's tables need --classes: they hold every organism")
    for what, value, known in (("size", choice.size, SIZES), ("order", choice.order, ORDERS)):
        if value not in known:
            raise DatasetError(f'there is no {what} "{value}"; choose one of {", ".join(known)}')


def _file(source: Path, name: str) -> Path:
    for path in (source / f"{name}.csv.gz", source / f"{name}.csv"):
        if path.is_file():
            missing = COLUMNS[name] - set(_header(path))
            if missing:
                raise DatasetError(f"{path}: has no column {', '.join(sorted(missing))}")
            return path
    raise DatasetError(
        f"{source}: {name}.csv.gz is missing; iNaturalist publishes it at "
        f"https://inaturalist-open-data.s3.amazonaws.com/{name}.csv.gz"
    )


def _header(path: Path) -> list[str]:
    try:
        with fsspec.open(str(path), "rt", encoding="utf-8", compression="infer") as file:
            return file.readline().rstrip("\r\n").split("\t")
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        raise DatasetError(f"{path}: not readable: {error}") from error


def _words(each: VocabularyClass) -> tuple[str, ...]:
    return (each.taxon,) if each.taxon else each.words


def _read(file: Path) -> str:
    """Every column as text, quotes as plain characters: names of people hold any."""
    return (
        f"read_csv({quoted(file)}, delim = '\t', quote = '', escape = '', header = true, "
        "all_varchar = true)"
    )


def _select(
    database: duckdb.DuckDBPyConnection,
    files: Mapping[str, Path],
    classes: Sequence[VocabularyClass],
    choice: PhotoChoice,
) -> dict[str, int]:
    """Make the tables that ``_table`` reads; returns licence to photographs."""
    _select_taxa(database, files["taxa"], classes)
    database.execute(
        "CREATE TEMP TABLE seen AS SELECT observation_uuid, observer_id, taxon_id, observed_on, "
        f"class, taxon FROM {_read(files['observations'])} JOIN wanted USING (taxon_id) "
        f"WHERE quality_grade = '{GRADE}'"
    )
    database.execute(
        "CREATE TEMP TABLE pictured AS SELECT photo_uuid, photo_id, extension, "
        "upper(coalesce(license, '')) AS licence, TRY_CAST(width AS INTEGER) AS width, "
        "TRY_CAST(height AS INTEGER) AS height, TRY_CAST(position AS INTEGER) AS position, "
        "seen.* "
        f"FROM {_read(files['photos'])} JOIN seen USING (observation_uuid)"
    )
    licences = pa.table({"licence": [name.upper() for name in choice.licences]})
    database.register("licences", licences)
    database.execute(
        "CREATE TEMP TABLE first_photos AS SELECT * FROM pictured "
        "SEMI JOIN licences USING (licence) QUALIFY row_number() OVER "
        "(PARTITION BY observation_uuid ORDER BY position, photo_id) = 1"
    )
    rank = (
        "observed_on DESC NULLS LAST, photo_uuid"
        if choice.order == "newest"
        else f"md5('{int(choice.seed)}' || photo_uuid)"
    )
    database.execute(
        "CREATE TEMP TABLE taken AS SELECT * FROM first_photos QUALIFY "
        f"row_number() OVER (PARTITION BY class ORDER BY {rank}) <= {int(choice.per_class)}"
    )
    database.execute(
        "CREATE TEMP TABLE people AS SELECT observer_id, "
        "coalesce(nullif(trim(name), ''), login, '') AS creator "
        f"FROM {_read(files['observers'])} SEMI JOIN taken USING (observer_id)"
    )
    counted = database.execute(
        "SELECT if(licence = '', 'none', licence), count(*) AS n FROM pictured "
        "GROUP BY ALL ORDER BY n DESC"
    ).fetchall()
    return {str(name): int(count) for name, count in counted}


def _select_taxa(
    database: duckdb.DuckDBPyConnection, file: Path, classes: Sequence[VocabularyClass]
) -> None:
    """Make ``wanted``: each taxon at or below a class's, the nearest class where they nest."""
    sought = [(each.name, word.lower()) for each in classes for word in _words(each)]
    names = pa.table({"class": [name for name, _ in sought], "word": [word for _, word in sought]})
    database.register("sought", names)
    database.execute(f"CREATE TEMP TABLE taxa AS SELECT * FROM {_read(file)}")
    roots = database.execute(
        "CREATE TEMP TABLE roots AS SELECT DISTINCT class, taxon_id, coalesce(ancestry, '') AS up "
        "FROM sought JOIN taxa ON word = taxon_id OR (word = lower(name) AND active = 'true'); "
        "SELECT class, list(taxon_id) FROM roots GROUP BY class"
    ).fetchall()
    found = dict(roots)
    for each in classes:
        if each.name not in found:
            raise DatasetError(
                f'class "{each.name}": no active taxon is called {" or ".join(_words(each))}; '
                "iNaturalist knows scientific names: give one, or a taxon's number, as `taxon:` "
                "in the file of classes"
            )
        if each.taxon and len(found[each.name]) > 1:
            raise DatasetError(
                f'class "{each.name}": several taxa are called {each.taxon} '
                f"({', '.join(sorted(found[each.name]))}); give the number of one"
            )
    database.execute(
        "CREATE TEMP TABLE wanted AS SELECT line.taxon_id, class, line.name AS taxon FROM ("
        "SELECT taxon_id, name, unnest(list_append(string_split(coalesce(ancestry, ''), '/'), "
        "taxon_id)) AS above FROM taxa) AS line JOIN roots ON line.above = roots.taxon_id "
        "QUALIFY row_number() OVER (PARTITION BY line.taxon_id "
        "ORDER BY len(string_split(up, '/')) DESC, class) = 1"
    )


def _table(choice: PhotoChoice) -> str:
    """The chosen photographs as rows with an address, in an order that spreads the classes."""
    base = quoted(choice.photos.rstrip("/") + "/")
    return (
        f"SELECT {base} || photo_id || '/{choice.size}.' || extension AS url, taxon AS caption, "
        "class, photo_uuid AS uid, licence, creator, taxon, observation_uuid AS observation, "
        "taken.observer_id AS cluster, width AS listed_width, height AS listed_height "
        "FROM taken LEFT JOIN people USING (observer_id) ORDER BY md5(photo_uuid)"
    )
