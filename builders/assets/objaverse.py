"""Objaverse-LVIS: models by category, through the ``objaverse`` package, fetched when asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from benchwright.builders.assets.licences import conflict, hub_name
from benchwright.builders.assets.mesh_file import MeshFile, Standing
from benchwright.builders.assets.model import Model
from benchwright.builders.assets.store import FolderStore
from benchwright.errors import AssetError, did_you_mean
from benchwright.ledger import Source as Credit

_LICENCES = {"by": "cc-by-4.0", "by-sa": "cc-by-sa-4.0", "by-nc": "cc-by-nc-4.0",
             "by-nc-sa": "cc-by-nc-sa-4.0", "by-nd": "cc-by-nd-4.0",
             "by-nc-nd": "cc-by-nc-nd-4.0", "cc0": "cc0-1.0"}  # fmt: skip
"""As Sketchfab, where the models come from, names them."""

CANDIDATES = 50
"""Models of a category whose licences are asked for; the first that any set may show is taken."""

Fetched = TypeVar("Fetched")


class Objaverse:
    """A ``MeshSource`` of the 1,156 LVIS categories; the first permissive model of each."""

    label = "objaverse"

    def names(self) -> tuple[str, ...]:
        """The categories."""
        return tuple(self._categories)

    @cached_property
    def _categories(self) -> dict[str, list[str]]:
        found = _fetch(lambda package: package.load_lvis_annotations(), "its list of categories")
        return {
            name.split("_(")[0].replace("_", " ").lower(): uids
            for name, uids in sorted(found.items())
        }

    @cached_property
    def _chosen(self) -> dict[str, tuple[str, dict[str, Any]]]:
        return {}

    def _choice(self, name: str) -> tuple[str, dict[str, Any]]:
        """Uid and annotation of a category's model."""
        if name in self._chosen:
            return self._chosen[name]
        if name not in self._categories:
            hint = did_you_mean(name, self._categories)
            raise AssetError(f'objaverse has no category "{name}"{hint}')
        uids = sorted(self._categories[name])[:CANDIDATES]
        known = _fetch(lambda package: package.load_annotations(uids), "annotations")
        for uid in uids:
            licence = _LICENCES.get(str(known.get(uid, {}).get("license")), "")
            if licence and conflict(licence, "apache-2.0") is None:
                self._chosen[name] = uid, known[uid]
                return self._chosen[name]
        raise AssetError(f'objaverse: no model of "{name}" is under a permissive licence')

    def credit(self, name: str) -> Credit:
        """Whose a model is, and on what terms."""
        uid, known = self._choice(name)
        licence = _LICENCES.get(str(known.get("license")), hub_name(str(known.get("license"))))
        return Credit(name, f"Objaverse 1.0 (LVIS): {uid}",
                      str(known.get("user", {}).get("displayName", "")), licence,
                      str(known.get("viewerUrl", "")), self._file(name).sha256())  # fmt: skip

    def identity(self, name: str) -> str:
        """Hex digest that changes whenever the model would."""
        return self._file(name).identity()

    def model(self, name: str) -> Model:
        """A category's model."""
        return self._file(name).model()

    def _file(self, name: str) -> MeshFile:
        uid, _ = self._choice(name)
        paths = _fetch(lambda package: package.load_objects([uid]), f"model {uid}")
        path = Path(paths[uid])
        return MeshFile(FolderStore(path.parent), path.name, Standing("y"))


def _fetch(ask: Callable[[ModuleType], Fetched], what: str) -> Fetched:
    try:
        import objaverse
    except ImportError as error:
        raise AssetError("objaverse is not installed: pip install objaverse") from error
    try:
        return ask(objaverse)
    except OSError as error:  # urllib's errors are
        raise AssetError(
            f"objaverse: {what} cannot be fetched ({error}): it needs the network once; then "
            "everything comes from ~/.objaverse"
        ) from error
