"""Fixtures of tests that work on a storage; a pytest plugin."""

import os
import socket
import uuid
from collections.abc import Iterator

import pytest
from s3_process import BUCKET, serving


@pytest.fixture(scope="module")
def s3() -> Iterator[dict[str, str]]:
    """A server for a module's tests, which this process and its children log in to."""
    pytest.importorskip("moto.server")
    s3fs = pytest.importorskip("s3fs")
    s3fs.S3FileSystem.clear_instance_cache()  # clients of another module's server
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with serving(port) as login:
        yield {**os.environ, **login}


@pytest.fixture
def s3_url(s3) -> str:
    """An empty folder of the bucket."""
    return f"s3://{BUCKET}/{uuid.uuid4().hex}"
