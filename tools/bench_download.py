"""How fast captions are searched, and what the filtering proxy costs.

    python tools/bench_download.py captions
    python tools/bench_download.py proxy

``captions`` searches one core's worth of invented captions (12 words, 75 characters, words with the
frequencies of Zipf's law) for more and more phrases. ``proxy`` fetches small files from a server on
loopback, straight and through the proxy: no real server is as near, so the cost is the worst there
is.
"""

from __future__ import annotations

import argparse
import http.server
import itertools
import random
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from benchwright.curation.download.addresses import AddressPolicy, networks
from benchwright.curation.download.captions import Matcher
from benchwright.curation.download.proxy import FilteringProxy
from benchwright.curation.vocabulary import VocabularyClass

CAPTIONS, WORDS = 100_000, 60_000
REQUESTS, THREADS, FILE = 1_000, 32, bytes(50_000)


def captions() -> None:
    """Print captions a second at several numbers of phrases."""
    numbers = random.Random(0)
    words = ["".join(numbers.choices("abcdefghijklmnopqrstuvwxyz", k=numbers.randint(3, 9)))
             for _ in range(WORDS)]  # fmt: skip
    weights = list(itertools.accumulate(1 / rank for rank in range(1, WORDS + 1)))
    ends = ["", ".", "!", " | stock photo", " - 24 x 36 in."]
    texts = [
        " ".join(numbers.choices(words, cum_weights=weights, k=numbers.randint(6, 18))).capitalize()
        + numbers.choice(ends)
        for _ in range(CAPTIONS)
    ]
    mean = sum(map(len, texts)) / len(texts)
    print(f"{CAPTIONS:,} captions of {mean:.0f} characters, one core")
    print(f"{'phrases':>8} {'captions/s':>12} {'named':>7} {'build s':>8}")
    for count in (100, 1_000, 10_000, 30_000):
        # Rarer words, as names of things are; the commonest hundred are the "the" and "of".
        phrases = {" ".join(numbers.sample(words[100:], numbers.choice((1, 1, 2)))): None
                   for _ in range(count)}  # fmt: skip
        start = time.perf_counter()
        matcher = Matcher([VocabularyClass(phrase) for phrase in phrases])
        built = time.perf_counter() - start
        start = time.process_time()
        found = matcher.find_all(texts)
        rate = CAPTIONS / (time.process_time() - start)
        share = sum(map(bool, found)) / CAPTIONS
        print(f"{count:>8,} {rate:>12,.0f} {share:>7.1%} {built:>8.2f}")


class _Server(http.server.ThreadingHTTPServer):
    request_queue_size = 512
    daemon_threads = True


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(FILE)))
        self.end_headers()
        self.wfile.write(FILE)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def proxy() -> None:
    """Print requests a second with and without the proxy, and what a request costs in CPU."""
    server = _Server(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}/"
    policy = AddressPolicy(networks(["loopback"]))
    print(f"{REQUESTS:,} files of {len(FILE) // 1000} kB, {THREADS} connections, in one process")
    seconds: dict[str, list[float]] = {"straight": [], "through the proxy": []}
    for _ in range(3):
        seconds["straight"].append(_fetch(url, {}))
        with FilteringProxy(policy) as running:
            seconds["through the proxy"].append(_fetch(url, {"http": running.url}))
    server.shutdown()
    best = {name: min(values) for name, values in seconds.items()}
    for name, value in best.items():
        print(f"{name:<18} {REQUESTS / value:>8,.0f} requests/s of CPU time")
    cost = (best["through the proxy"] - best["straight"]) / REQUESTS
    print(f"the proxy costs {cost * 1e3:.2f} ms of CPU a request: {1 / cost:,.0f}/s on one core")


def _fetch(url: str, proxies: dict[str, str]) -> float:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler(proxies))

    def one(_: int) -> int:
        with opener.open(url, timeout=30) as response:
            return len(response.read())

    start = time.process_time()
    with ThreadPoolExecutor(THREADS) as pool:
        assert all(size == len(FILE) for size in pool.map(one, range(REQUESTS)))
    return time.process_time() - start


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("captions", "proxy"))
    {"captions": captions, "proxy": proxy}[parser.parse_args().what]()
