"""Publishing a version: whole or not at all, read back before it gets its name.

Interrupted anywhere, the same call goes on: what it finds finished it names, what not it makes.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchwright import api
from benchwright.cards import changelog
from benchwright.cards.changes import ADDED, CHANGED, REMOVED, Changes
from benchwright.cards.facts import Facts
from benchwright.cards.lint import lint
from benchwright.cards.places import place
from benchwright.cards.read_back import read_back
from benchwright.cards.release import Release
from benchwright.cards.release_plan import (
    Plan,
    changes_of,
    plan,
    read_published,
    stamp,
    write_card,
)
from benchwright.cards.standing import Standing, other_content
from benchwright.cards.version import Version
from benchwright.errors import DatasetError
from benchwright.lock import locked

Progress = Callable[[int, int], None]

PUBLISHED, ALREADY = "published", "already published"
FINISHED, DRY_RUN = "finished an earlier attempt", "dry run"


@dataclass(frozen=True, slots=True)
class PublishReport:
    """What publishing did, or in a dry run would do.

    Attributes:
        place: where, as it was written.
        version: which.
        state: ``published``, ``already published``, ``finished an earlier attempt``, ``dry run``.
        revision: the commit or folder that has the version; empty in a dry run.
        added, removed, changed, unchanged: samples, against the version before.
        add, keep, delete: paths of files.
        bytes_to_send: size of the files to add.
        left_out: a line for each file of the folder that is not published.
        hints: what one might have meant otherwise, a line each.
    """

    place: str
    version: Version
    state: str
    revision: str
    added: int
    removed: int
    changed: int
    unchanged: int
    add: tuple[str, ...]
    keep: tuple[str, ...]
    delete: tuple[str, ...]
    bytes_to_send: int
    left_out: tuple[str, ...]
    hints: tuple[str, ...]


def publish(
    folder: Path,
    to: str,
    version: str,
    private: bool = False,
    dry_run: bool = False,
    note: str = "",
    workers: int | None = None,
    progress: Progress = lambda done, total: None,
) -> PublishReport:
    """Publish a dataset folder as a version.

    Args:
        folder: the dataset.
        to: ``org/name`` on the Hub, a folder, or an fsspec URL.
        version: ``1.2.0``.
        private: make the repository private, if it is made.
        dry_run: find out what would happen, and write nothing anywhere.
        note: Markdown for this version's entry in the change log.
        workers: processes that verify, default all cores.
        progress: called with samples verified and in all.

    Raises:
        DatasetError: the dataset is not whole, sound and described; the version exists with other
            content, or is lower than the newest; the place fails or refuses.
    """
    goal, where = Version.parse(version), place(to)
    with nullcontext() if dry_run else locked(folder):
        facts = Facts.read(folder)
        if facts.dataset.absent:
            raise DatasetError(f"{folder}: only part of this set was pulled; pull all of it first")
        release = Release(where.name, goal, facts.dataset.digest)
        if private:
            where.check_private()
        standing = Standing.of(where, goal, facts)
        if facts.release == release and not dry_run:
            write_card(facts, folder)  # an earlier attempt may have been cut while it did
        _refuse_unsound(folder, workers, progress)
        with TemporaryDirectory(prefix="benchwright-") as temporary:
            target = Path(temporary) if dry_run else folder
            attempt = _Attempt.prepared(facts, release, standing, note, target)
            if dry_run:
                return attempt.report(DRY_RUN, "")
            if attempt.state == ALREADY:
                return attempt.report(ALREADY, standing.revision)
            return attempt.report(attempt.state, attempt.carried_out(private))


def _refuse_unsound(folder: Path, workers: int | None, progress: Progress) -> None:
    """Refuse a card that is not clean, and a folder that does not verify."""
    if problems := lint(folder):
        raise DatasetError(
            f"{folder}: {len(problems)} problems of the card, first {problems[0].where}: "
            f"{problems[0].what}; run benchwright card {folder}"
        )
    if faults := api.verify(folder, workers, progress).problems:
        raise DatasetError(
            f"{folder}: {len(faults)} problems, first {faults[0].where}: {faults[0].what}; run "
            f"benchwright verify {folder}"
        )


@dataclass(frozen=True, slots=True)
class _Attempt:
    """A version about to be published: what changes, what to send, and to whom."""

    facts: Facts
    release: Release
    standing: Standing
    changes: Changes
    message: str
    plan: Plan
    state: str

    @classmethod
    def prepared(
        cls, facts: Facts, release: Release, standing: Standing, note: str, target: Path
    ) -> _Attempt:
        """Stamp ``target`` with the version and see what is left to do.

        Raises:
            DatasetError: the version is there with other content.
        """
        where, goal = standing.where, release.version
        before = read_published(where, standing.versions[standing.base]) if standing.base else None
        changes = changes_of(facts, before)
        entry = changelog.entry(goal, changes, note)
        log = changelog.with_entry(before.changelog if before else None, entry)
        stamped = {name: target / name for name in stamp(facts, release, changes, log, target)}
        there = where.files(standing.revision) if standing.revision else {}
        prepared = plan(facts, stamped, there, set(standing.versions) - {goal})
        if goal in standing.versions and not prepared.is_done:
            differs = next(iter((*prepared.add, *prepared.delete)))
            raise other_content(where, goal, differs)
        state = (
            ALREADY if goal in standing.versions else FINISHED if prepared.is_done else PUBLISHED
        )
        return cls(facts, release, standing, changes, f"Version {goal}\n\n{entry}", prepared, state)

    def carried_out(self, private: bool) -> str:
        """Commit what is left, read it back, name it; returns the revision.

        Raises:
            DatasetError: the place fails or refuses, or gives back something else.
        """
        where, goal = self.standing.where, self.release.version
        if problems := lint(self.facts.folder):
            raise DatasetError(f"{problems[0].where}: {problems[0].what}")
        revision = self.standing.revision
        if not self.plan.is_done:
            where.create(private)
            parent = revision or where.head()
            revision = where.commit(goal, self.plan.add, self.plan.delete, parent, self.message)
        read_back(where, revision, self.plan.files, self.facts.dataset)
        where.release(goal, revision)
        return revision

    def report(self, state: str, revision: str) -> PublishReport:
        """What was, or would be, done."""
        return PublishReport(
            self.standing.where.name, self.release.version, state, revision,
            self.changes.count(ADDED), self.changes.count(REMOVED), self.changes.count(CHANGED),
            self.changes.unchanged, tuple(self.plan.add), self.plan.keep, self.plan.delete,
            self.plan.bytes_to_send, self.plan.left_out, tuple(self._hints()),
        )  # fmt: skip

    def _hints(self) -> list[str]:
        base, goal, standing = self.standing.base, self.release.version, self.standing
        hints = []
        if self.facts.kind.collected and not self.facts.withheld:
            hints.append("found images: on the Hub, turn on gated access in the settings")
        if base is None:
            return hints
        lost = self.changes.count(REMOVED) + self.changes.count(CHANGED)
        if lost and goal.major == base.major:
            hints.append(f"samples were removed or changed: that calls for {base.major + 1}.0.0")
        elif self.changes.count(ADDED) and (goal.major, goal.minor) == (base.major, base.minor):
            hints.append(f"samples were added: that calls for {base.major}.{base.minor + 1}.0")
        if self.state == PUBLISHED and standing.revision != standing.versions[base]:
            hints.append(f"what lies on top of {base} is no version of ours, and is replaced")
        return hints
