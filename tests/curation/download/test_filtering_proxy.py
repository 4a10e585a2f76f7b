"""Requests go through the proxy, to public machines only, redirects too, and within bounds."""

import datetime
import ipaddress
import socket
import ssl
import threading
import urllib.error
import urllib.request

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from small_web import picture, serving

from benchwright.curation.download.addresses import AddressPolicy, networks
from benchwright.curation.download.failures import classify
from benchwright.curation.download.network_health import FAILURES, HOSTS, NetworkHealth
from benchwright.curation.download.proxy import FilteringProxy
from benchwright.curation.download.traffic import Limits
from benchwright.rejection import Reason

LOOPBACK = AddressPolicy(networks(["loopback"]))
LIMITS = Limits(most_bytes=100_000, connect_seconds=1.0, total_seconds=3.0, per_host=4)


@pytest.fixture(scope="module")
def web():
    with serving() as running:
        yield running


@pytest.fixture(scope="module")
def proxy():
    with FilteringProxy(LOOPBACK, LIMITS) as running:
        yield running


def fetch(proxy, url, context=None):
    """The content, or the reason that the error text is read as."""
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler(dict.fromkeys(("http", "https", "ftp"), proxy.url)),
        urllib.request.HTTPSHandler(context=context),
    )
    try:
        with opener.open(url, timeout=5) as response:
            return response.read()
    except Exception as error:
        return classify("failed_to_download", str(error), LIMITS.most_bytes)


def closed_port():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


def test_pictures_pass_unchanged(proxy, web):
    assert fetch(proxy, web.url("/good/1")) == picture(1)
    assert fetch(proxy, web.url("/good/1", "localhost")) == picture(1)
    assert fetch(proxy, web.url("/form/PNG")) == picture(7, "PNG")  # ends with the connection


@pytest.mark.fault("bad server", "download")
@pytest.mark.parametrize(("path", "reason"), [
    ("/status/404", Reason.NOT_FOUND),
    ("/status/410", Reason.NOT_FOUND),
    ("/status/403", Reason.FORBIDDEN),
    ("/status/451", Reason.FORBIDDEN),
    ("/status/429", Reason.RATE_LIMITED),
    ("/status/418", Reason.HTTP_OTHER),
    ("/status/470", Reason.HTTP_OTHER),
    ("/status/503", Reason.SERVER_ERROR),
    ("/away/10.0.0.1/x", Reason.PRIVATE_ADDRESS),
    ("/away/169.254.169.254/latest/meta-data", Reason.PRIVATE_ADDRESS),
    ("/away/[::ffff:10.0.0.1]/x", Reason.PRIVATE_ADDRESS),
    ("/file/1", Reason.BAD_URL),
    ("/ftp/1", Reason.BAD_URL),
    ("/loop/1", Reason.REDIRECTS),
    ("/huge/1", Reason.TOO_LARGE),
    ("/endless/1", Reason.TOO_LARGE),
    ("/short/1", Reason.DROPPED),
    ("/silent/1", Reason.DROPPED),
    ("/garbage/1", Reason.DROPPED),
    ("/slow/1", Reason.TIMEOUT),
])  # fmt: skip
def test_failures_keep_their_reason(proxy, web, path, reason):
    assert fetch(proxy, web.url(path)) == reason


def test_private_machines_are_refused_before_they_are_asked(web):
    with FilteringProxy(AddressPolicy(), LIMITS) as strict:
        before = len(web.asked)
        assert fetch(strict, web.url("/good/1")) == Reason.PRIVATE_ADDRESS
        assert fetch(strict, web.url("/good/1", "localhost")) == Reason.PRIVATE_ADDRESS
        assert fetch(strict, f"https://localhost:{web.port}/") == Reason.PRIVATE_ADDRESS
        assert len(web.asked) == before
    assert strict.traffic.refused == strict.traffic.requests == 3


def test_closed_ports_and_unknown_hosts_are_told_apart(proxy):
    assert fetch(proxy, f"http://127.0.0.1:{closed_port()}/x") == Reason.REFUSED
    assert fetch(proxy, f"https://127.0.0.1:{closed_port()}/x") == Reason.REFUSED
    assert fetch(proxy, "http://no-such-host.invalid/x") == Reason.DNS
    assert fetch(proxy, "https://[fd00::1]/x") == Reason.PRIVATE_ADDRESS


def test_a_host_is_looked_up_once_and_connected_to_where_it_was_judged(monkeypatch, web):
    asked = []

    def lookup(host, port, *_, **__):
        """A hostile resolver: a harmless machine first, the target ever after."""
        asked.append(host)
        address = "127.0.0.1" if asked.count(host) == 1 else "10.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    with FilteringProxy(LOOPBACK, LIMITS) as proxy:
        monkeypatch.setattr(socket, "getaddrinfo", lookup)
        ours = urllib.request.ProxyHandler({"http": proxy.url})
        opener = urllib.request.build_opener(ours)
        monkeypatch.setattr(socket, "create_connection", direct)
        with opener.open(web.url("/good/1", "rebind.example"), timeout=5) as response:
            assert response.read() == picture(1)
    assert asked.count("rebind.example") == 1


def direct(address, *_, **__):
    """A connection that needs no look-up, for the client's own way to the proxy."""
    made = socket.socket()
    made.connect(address)
    return made


def test_others_on_this_machine_cannot_use_it(proxy, web):
    port = proxy.url.rpartition(":")[2]
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({"http": f"http://127.0.0.1:{port}"})
    )
    with pytest.raises(urllib.error.HTTPError, match="forbidden"):
        opener.open(web.url("/good/1"), timeout=5)


def test_a_host_is_asked_by_few_at_once(proxy, web):
    most = []

    def ask():
        fetch(proxy, web.url("/count/1"))
        most.append(web.at_once)

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 2 <= web.most_at_once <= LIMITS.per_host


@pytest.fixture(scope="module")
def secure(tmp_path_factory):
    """An HTTPS server, and a client's context that trusts it."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), False)
        .add_extension(x509.BasicConstraints(True, None), True).sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = folder / "server.pem"
    pem.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                          serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with serving(context) as web:
        yield web, ssl.create_default_context(cafile=str(pem))


def test_https_is_tunnelled_and_its_certificate_checked_by_the_client(proxy, secure):
    web, trusting = secure
    url = web.url("/good/1", "localhost").replace("http:", "https:")
    assert fetch(proxy, url, trusting) == picture(1)
    assert fetch(proxy, url, ssl.create_default_context()) == Reason.TLS
    away = web.url("/away/10.0.0.1/x", "localhost").replace("http:", "https:")
    assert fetch(proxy, away, trusting) == Reason.PRIVATE_ADDRESS
    endless = web.url("/endless/1", "localhost").replace("http:", "https:")
    assert fetch(proxy, endless, trusting) == Reason.TOO_LARGE


def test_many_dead_links_are_no_broken_network():
    health = NetworkHealth()
    for number in range(1000):
        health.unreachable(f"host-{number}")
        if number % (FAILURES - 1) == 0:
            health.answered()
        assert not health.broken


def test_silence_on_many_hosts_is_a_broken_network():
    health = NetworkHealth()
    for number in range(FAILURES):
        assert not health.broken
        health.unreachable(f"host-{number % HOSTS}")
    assert health.broken
    one = NetworkHealth()
    for _ in range(1000):
        one.unreachable("one-host")
    assert not one.broken


def test_silence_of_the_only_host_there_is_to_ask_is_a_broken_network():
    only = NetworkHealth(hosts=1)
    for _ in range(FAILURES):
        assert not only.broken
        only.unreachable("one-host")
    assert only.broken
