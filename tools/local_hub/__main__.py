"""Runs the stand-in Hub: `python tools/local_hub --store DIR [--port 0] [--token TOKEN]`."""

import argparse
import secrets
import sys
from pathlib import Path

from hub import Hub
from server import LocalServer


def main() -> None:
    """Serve until interrupted; the address is the one line on standard output."""
    parser = argparse.ArgumentParser(
        prog="local_hub",
        description="A small Hub for tests, and for trying publish and pull without the real one.",
    )
    parser.add_argument("--store", type=Path, required=True, help="folder that keeps everything")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--token", default=f"hf_{secrets.token_hex(12)}", help="who may write")
    arguments = parser.parse_args()

    server = LocalServer(Hub.opened(arguments.store.resolve(), arguments.token), arguments.port)
    address = f"http://127.0.0.1:{server.server_port}"
    print(address, flush=True)
    print(
        "Use it from another terminal (Ctrl+C here stops it):\n"
        f"  export HF_ENDPOINT={address} HF_TOKEN={arguments.token}",
        file=sys.stderr,
        flush=True,
    )
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        print(f"stopped; {arguments.store} keeps everything", file=sys.stderr)
    finally:
        server.server_close()


if __name__ == "__main__":
    main()
