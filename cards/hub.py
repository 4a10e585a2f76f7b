"""Versions in a dataset repository of the Hugging Face Hub: commits of main, tags that name them.

Only the official client talks to the Hub; it finds the endpoint (``HF_ENDPOINT``) and the token
(``hf auth login``, ``HF_TOKEN``) by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from benchwright.cards.remote import RemoteFile
from benchwright.cards.version import Version, is_range, newest, tagged
from benchwright.errors import DatasetError
from benchwright.retry import retried
from benchwright.streams import PIECE, RemoteStream, buffered, fetch_rest

if TYPE_CHECKING:
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete, GitRefs, HfApi

T = TypeVar("T")

OWN = ".gitattributes"
"""The Hub's own file in every repository: no part of a dataset."""

ANSWER, CONNECT = 300.0, 30.0
"""Seconds until an answer, or a connection, is given up; the client itself would wait for ever."""

OUTDATED = 412
"""Status of a commit whose parent is not the head of its branch any more."""

PARTIAL_CONTENT = 206
"""Status of an answer that begins where it was asked to; others send the file from its start."""

EXISTS = 409
"""Status of a tag or a repository that is there already."""


class HubRepository:
    """A dataset repository of the Hub, as a ``Publication``."""

    def __init__(self, name: str) -> None:
        """Of ``org/name``; nothing is asked yet."""
        self.name = name
        self._listed: dict[str, dict[str, RemoteFile]] = {}  # a commit never changes

    def versions(self) -> dict[Version, str]:
        """Version to commit; empty where nothing has been published."""
        refs = self._refs_if_there()
        commits = {tag.name: tag.target_commit for tag in refs.tags} if refs else {}
        return {version: commits[tag] for tag, version in tagged(commits).items()}

    def resolve(self, text: str) -> str:
        """The commit that a version, a range, a branch, a tag or a commit means; newest if empty.

        Raises:
            DatasetError: there is no such thing, or nothing has been published.
        """
        if not text or is_range(text):
            self._retried("reading the versions", self._refs)  # says so if there is no repository
            versions = self.versions()
            return versions[newest(text, versions)]
        from huggingface_hub.errors import RevisionNotFoundError

        def commit() -> str:
            try:
                return self._api().dataset_info(self.name, revision=text).sha or ""
            except RevisionNotFoundError as error:
                raise DatasetError(
                    f'{self.name}: no version, branch or commit "{text[:60]}"'
                ) from error

        return self._retried(f"looking for {text[:60]}", commit)

    def files(self, revision: str) -> dict[str, RemoteFile]:
        """Path to file of a commit, the Hub's own left out."""
        from huggingface_hub.hf_api import RepoFile

        def listed() -> dict[str, RemoteFile]:
            tree = self._api().list_repo_tree(
                self.name, recursive=True, revision=revision, repo_type="dataset"
            )
            return {
                entry.path: RemoteFile(entry.path, entry.size, entry.lfs.sha256)
                if entry.lfs
                else RemoteFile(entry.path, entry.size, git_sha1=entry.blob_id)
                for entry in tree
                if isinstance(entry, RepoFile) and entry.path != OWN
            }

        if revision not in self._listed:
            self._listed[revision] = self._retried("listing the files", listed)
        return dict(self._listed[revision])

    def fetch(self, revision: str, file: RemoteFile, target: Path) -> None:
        """Bring a file to ``target``, going on where an earlier call was cut; bytes not checked."""
        what = f"{self.name}: downloading {file.path}"
        fetch_rest(what, self._pieces(revision, file.path), file.bytes, target)

    def open(self, revision: str, path: str) -> BinaryIO:
        """A file's bytes as a stream, without keeping them."""
        file = self.files(revision).get(path)
        if file is None:
            raise DatasetError(f"{self.name}: there is no {path} at {revision[:12]}")
        what = f"{self.name}: reading {path}"
        return buffered(RemoteStream(what, self._pieces(revision, path), file.bytes))

    def head(self) -> str:
        """The newest commit of main; empty where there is no repository."""
        refs = self._refs_if_there()
        branches = refs.branches if refs else []
        return next((branch.target_commit for branch in branches if branch.name == "main"), "")

    def check_private(self) -> None:
        """Refuse if there is a repository that everybody can read.

        Raises:
            DatasetError: publishing never changes who may read what is there.
        """
        if self._refs_if_there() is None:
            return
        info = self._retried("reading its settings", lambda: self._api().dataset_info(self.name))
        if not info.private:
            raise DatasetError(
                f"{self.name}: is public already; --private is for a new repository: change the "
                "settings of this one, or leave the option out"
            )

    def create(self, private: bool) -> None:
        """Make the repository if there is none; one that is there keeps its settings."""
        self._retried("making the repository", lambda: self._api().create_repo(
            self.name, repo_type="dataset", private=private, exist_ok=True
        ))  # fmt: skip

    def commit(
        self,
        version: Version,
        add: Mapping[str, Path],
        delete: Collection[str],
        parent: str,
        message: str,
    ) -> str:
        """One commit of main on top of ``parent``; returns it.

        An answer that got lost is found again: a head that holds what was meant is this commit.

        Raises:
            DatasetError: somebody else has published in the meantime, or the Hub refuses.
        """
        from huggingface_hub import CommitOperationAdd, CommitOperationDelete
        from huggingface_hub.errors import HfHubHTTPError

        operations: list[CommitOperationAdd | CommitOperationDelete] = [
            CommitOperationDelete(path, is_folder=False) for path in sorted(delete)
        ]
        operations += [CommitOperationAdd(path, str(add[path])) for path in sorted(add)]
        title, _, body = message.partition("\n")

        def send() -> str:
            if (head := self.head()) != parent:
                return self._meant(head, add, delete, parent)
            try:
                return self._api().create_commit(
                    self.name, operations, commit_message=title, commit_description=body.strip(),
                    repo_type="dataset", parent_commit=parent,
                ).oid  # fmt: skip
            except HfHubHTTPError as error:
                if error.response.status_code != OUTDATED:
                    raise
                return self._meant(self.head(), add, delete, parent)
            except ValueError as error:  # the Hub's own check of the front matter
                line = " ".join(str(error).split())[:300]
                raise DatasetError(f"{self.name}: the Hub refuses the files: {line}") from error

        return self._retried(f"committing {version}", send)

    def _meant(
        self, head: str, add: Mapping[str, Path], delete: Collection[str], parent: str
    ) -> str:
        """``head``, if it is what our commit makes of ``parent``."""
        found, before = self.files(head), self.files(parent)
        kept = before.keys() - set(delete) - add.keys()
        if (
            found.keys() == kept | add.keys()
            and all(found[path] == before[path] for path in kept)
            and all(found[path].matches(local) for path, local in add.items())
        ):
            return head
        raise DatasetError(
            f"{self.name}: somebody else has published in the meantime; look at it, then run the "
            "same command again"
        )

    def stored(self, revision: str) -> dict[str, RemoteFile]:
        """The files of a commit: their digests are the Hub's own."""
        return self.files(revision)

    @contextmanager
    def loadable(self, revision: str, paths: Collection[str]) -> Iterator[tuple[str, str | None]]:
        """`datasets` reads the Hub by itself."""
        yield self.name, revision

    def release(self, version: Version, revision: str) -> None:
        """Tag a commit; a tag never moves.

        Raises:
            DatasetError: another commit has this tag.
        """
        from huggingface_hub.errors import HfHubHTTPError

        def tag() -> None:
            try:
                self._api().create_tag(
                    self.name, tag=version.tag, revision=revision, repo_type="dataset"
                )
            except HfHubHTTPError as error:
                if error.response.status_code != EXISTS:
                    raise
                if self.versions().get(version) != revision:
                    raise DatasetError(
                        f"{self.name}: {version.tag} names another commit; choose a new version"
                    ) from error

        self._retried(f"tagging {version.tag}", tag)

    def _refs_if_there(self) -> GitRefs | None:
        """Branches and tags, or None where there is no repository that we can see."""
        from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError

        def refs() -> GitRefs | None:
            try:
                return self._refs()
            except GatedRepoError:
                raise
            except RepositoryNotFoundError:
                return None

        return self._retried("reading the versions", refs)

    def _refs(self) -> GitRefs:
        return self._api().list_repo_refs(self.name, repo_type="dataset")

    def _pieces(self, revision: str, path: str) -> Callable[[int], Iterator[bytes]]:
        """Reads a file of a commit by plain HTTP, which unlike a download goes on after a kill."""

        def pieces(start: int) -> Iterator[bytes]:
            from huggingface_hub import get_session, hf_hub_url
            from huggingface_hub.utils._headers import build_hf_headers
            from huggingface_hub.utils._http import hf_raise_for_status

            api = self._api()
            url = hf_hub_url(
                self.name, path, repo_type="dataset", revision=revision, endpoint=api.endpoint
            )
            headers = {**build_hf_headers(), "Accept-Encoding": "identity"}
            if start:
                headers["Range"] = f"bytes={start}-"
            with get_session().stream("GET", url, headers=headers) as response:
                hf_raise_for_status(response)
                skip = 0 if response.status_code == PARTIAL_CONTENT else start
                for piece in response.iter_bytes(PIECE):
                    if piece[skip:]:
                        yield piece[skip:]
                    skip = max(0, skip - len(piece))

        return pieces

    def _retried(self, what: str, action: Callable[[], T]) -> T:
        return retried(f"{self.name}: {what}", action)

    def _api(self) -> HfApi:
        """The client, with an end to its patience."""
        import httpx2
        from huggingface_hub import HfApi, get_session
        from huggingface_hub.utils.tqdm import disable_progress_bars

        disable_progress_bars()
        get_session().timeout = httpx2.Timeout(ANSWER, connect=CONNECT)
        return HfApi()
