"""What publishing would do: the change log, the stamped files, what to add, keep and delete."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow.parquet as pq

from benchwright import dataset as names
from benchwright import engine
from benchwright.cards import card, changelog
from benchwright.cards.changes import Changes, compare, read_manifest
from benchwright.cards.facts import Facts
from benchwright.cards.payload import CHANGES, is_ours, payload
from benchwright.cards.reasons import Made
from benchwright.cards.release import Release
from benchwright.cards.remote import Publication, RemoteFile
from benchwright.cards.version import Version
from benchwright.errors import BenchwrightError, DatasetError
from benchwright.recipe_file import load_pictures
from benchwright.shards import replacing


@dataclass(frozen=True, slots=True)
class Plan:
    """How to get from a revision to a release.

    Attributes:
        files: path to file here of all that the release holds, but for earlier lists of changes.
        add: those of them that the revision lacks, or has otherwise.
        keep: those that it has already.
        delete: paths of the revision that the release lacks.
        left_out: a line for each file of the folder that is not published.
    """

    files: dict[str, Path]
    add: dict[str, Path]
    keep: tuple[str, ...]
    delete: tuple[str, ...]
    left_out: tuple[str, ...]

    @property
    def is_done(self) -> bool:
        """Whether the revision is this release already."""
        return not self.add and not self.delete

    @property
    def bytes_to_send(self) -> int:
        """Size of what is added; xet sends less of files that it knows in part."""
        return sum(path.stat().st_size for path in self.add.values())


@dataclass(frozen=True, slots=True)
class Published:
    """The version before, as far as the next one needs it."""

    made: Made
    changelog: str


def read_published(place: Publication, revision: str) -> Published:
    """Fetch the manifest, recipe, build facts and change log of a version.

    Raises:
        DatasetError: it has no manifest that can be compared, or cannot be fetched.
    """
    files = place.files(revision)
    with TemporaryDirectory(prefix="benchwright-") as folder:
        here = Path(folder)
        for name in (names.MANIFEST, names.RECIPE, names.BUILD, names.CHANGELOG):
            if name in files:
                place.fetch(revision, files[name], here / name)
        try:
            recipe = load_pictures(here / names.RECIPE)
        except BenchwrightError:  # of another version of Benchwright: it only explains less
            recipe = None
        build = names.read_json(here / names.BUILD)
        made = Made(
            read_manifest(here / names.MANIFEST), recipe, build if isinstance(build, dict) else {}
        )
        log = here / names.CHANGELOG
        return Published(made, log.read_text("utf-8", "replace") if log.is_file() else "")


def changes_of(facts: Facts, before: Published | None) -> Changes:
    """What the folder changes against the version before."""
    after = Made(read_manifest(facts.folder / names.MANIFEST), facts.recipe, facts.build)
    return compare(before.made if before else None, after)


def stamp(
    facts: Facts, release: Release, changes: Changes, log: str, target: Path
) -> tuple[str, ...]:
    """Write all that names a version into a folder, and return its paths.

    ``release.json`` first, so that an interrupted stamping is known by it.

    Args:
        facts: of the dataset.
        release: the version.
        changes: against the version before; a first version lists none.
        log: the whole change log.
        target: the dataset's folder, or another one to try.
    """
    release.write(replace(facts.dataset, folder=target))
    names.write_text(target / names.CHANGELOG, log)
    stamped = [names.RELEASE, names.CHANGELOG]
    if changes.unchanged or not changelog.is_first(changes):
        listed = f"{CHANGES}/{release.version}.parquet"
        with replacing(target / listed) as file:
            pq.write_table(changes.table, file, compression="zstd")
        stamped.append(listed)
    return (*stamped, *write_card(replace(facts, release=release), target))


def write_card(facts: Facts, target: Path) -> tuple[str, ...]:
    """Write the card's texts for a version, but for the change log, and return their names."""
    texts = card.render(facts)
    texts.pop(names.CHANGELOG, None)
    for name, text in texts.items():
        names.write_text(target / name, text)
    return tuple(texts)


def plan(
    facts: Facts,
    stamped: Mapping[str, Path],
    there: Mapping[str, RemoteFile],
    earlier: set[Version],
) -> Plan:
    """Compare a folder with a revision.

    Args:
        facts: of the dataset.
        stamped: path to file here of what names the version.
        there: the files of the revision.
        earlier: versions whose lists of changes the release carries on.

    Raises:
        DatasetError: the place holds something that is no release of ours.
    """
    found = payload(facts.dataset, facts.withheld)
    files = dict(sorted({**found.files, **stamped}.items()))
    kept = _held(files, there)
    carried = {f"{CHANGES}/{version}.parquet" for version in earlier}
    delete = sorted(path for path in there if is_ours(path) and path not in {*files, *carried})
    if delete and names.RELEASE not in there:
        raise DatasetError(
            f"what is there is no release of ours (it has {delete[0]}): choose a new place, or "
            "remove those files first"
        )
    add = {path: local for path, local in files.items() if path not in kept}
    return Plan(files, add, tuple(sorted(kept)), tuple(delete), found.left_out)


def _held(files: Mapping[str, Path], there: Mapping[str, RemoteFile]) -> set[str]:
    """Paths of the files that a place holds as they are here; hashed on all cores."""
    known = [path for path in files if path in there]
    with ThreadPoolExecutor(engine.cores()) as threads:  # hashing leaves the interpreter
        same = threads.map(lambda path: there[path].matches(files[path]), known)
        return {path for path, is_same in zip(known, same, strict=True) if is_same}
