"""A stand-in Hub (tools/local_hub) in a process of its own, for tests that publish or pull."""

import base64
import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

PROGRAM = Path(__file__).parents[1] / "tools" / "local_hub"


@dataclass(frozen=True)
class LocalHub:
    """A running server. The client reads its address at import: use it from a subprocess."""

    endpoint: str
    token: str
    store: Path

    def environment(self, home: Path) -> dict[str, str]:
        """This process's environment, turned to the server; uploads go by LFS."""
        hub = {"HF_ENDPOINT": self.endpoint, "HF_TOKEN": self.token, "HF_HOME": str(home),
               "HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1",
               "HF_HUB_DISABLE_XET": "1", "HF_HUB_OFFLINE": "0"}  # fmt: skip
        return {**os.environ, **hub}

    def xet_environment(self, home: Path) -> dict[str, str]:
        """The same, but uploads and downloads go by xet."""
        return {**self.environment(home), "HF_HUB_DISABLE_XET": "0"}

    def log(self) -> list[dict[str, Any]]:
        """Requests since the start or the last ``clear_log``."""
        return self._control("GET", "_log")

    def clear_log(self) -> None:
        self._control("DELETE", "_log")

    def faults(self, rules: list[dict[str, Any]]) -> None:
        """Make requests fail: see tools/local_hub/faults.py for what a rule may say."""
        self._control("POST", "_faults", rules)

    def clear_faults(self) -> None:
        self._control("DELETE", "_faults")

    def forge(self, repository: str, files: list[dict[str, Any]]) -> str:
        """Commit entries on main unchecked, each ``path``, ``content`` (bytes), and what is told of
        it where that is false: ``size``, ``sha256``. The repository is made if need be."""
        told = [
            {**{k: v for k, v in file.items() if k != "content"},
             "content_b64": base64.b64encode(file["content"]).decode()}
            for file in files
        ]  # fmt: skip
        return self._control("POST", f"_forge/{repository}", {"files": told})["commitOid"]

    def _control(self, method: str, path: str, value: Any = None) -> Any:
        request = urllib.request.Request(
            f"{self.endpoint}/{path}",
            method=method,
            data=None if value is None else json.dumps(value).encode(),
            headers={"Authorization": f"Bearer {self.token}"},
        )
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)


@contextmanager
def running(store: Path, token: str = "hf_local") -> Iterator[LocalHub]:
    """A server on a free port; ``store`` keeps everything, and may hold an earlier run's."""
    command = [sys.executable, str(PROGRAM), "--store", str(store), "--token", token]
    store.mkdir(parents=True, exist_ok=True)
    said = store / "server.log"
    env = {**os.environ, "HF_HOME": str(store / "home")}  # where hf_xet keeps its own logs
    with (
        said.open("w") as messages,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=messages, text=True, env=env
        ) as server,
    ):
        try:
            endpoint = server.stdout.readline().strip()
            if not endpoint:
                raise RuntimeError(f"the stand-in Hub did not start: {said.read_text()}")
            yield LocalHub(endpoint, token, store)
        finally:
            server.terminate()


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalHub]:
    """A stand-in Hub for the tests of one module."""
    with running(tmp_path_factory.mktemp("hub")) as server:
        yield server
