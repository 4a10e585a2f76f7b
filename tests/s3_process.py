"""An S3 server (moto's) in a process of its own, and its client."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

BUCKET = "bucket"


@contextmanager
def serving(port: int) -> Iterator[dict[str, str]]:
    """The server with an empty bucket; yields the environment of its clients."""
    login = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "AWS_ACCESS_KEY_ID": "k",
             "AWS_SECRET_ACCESS_KEY": "s", "AWS_DEFAULT_REGION": "us-east-1"}  # fmt: skip
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in login.items():
                patch.setenv(name, value)
            for _ in range(300):
                try:
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                except OSError:
                    time.sleep(0.1)
            client().mkdir(BUCKET)
            yield login
    finally:
        server.kill()
        server.wait()


def client():
    """The server as fsspec knows it, with nothing remembered."""
    import s3fs

    return s3fs.S3FileSystem(skip_instance_cache=True, use_listings_cache=False)
