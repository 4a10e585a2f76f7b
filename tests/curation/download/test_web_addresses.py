"""Only web addresses are fetched, and only from machines that may be asked."""

import urllib.request

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchwright.curation.download.addresses import AddressPolicy, fetchable, networks
from benchwright.errors import BenchwrightError


@pytest.mark.parametrize(("url", "address"), [
    ("http://a.org/x.jpg?y=1", "http://a.org/x.jpg?y=1"),
    (" https://a.org/x ", "https://a.org/x"),
    ("http://a.org/two words/ü.jpg", "http://a.org/two%20words/%C3%BC.jpg"),
    ("http://a.org/50%25 é", "http://a.org/50%25%20%C3%A9"),
    ("http://bücher.de/é", "http://xn--bcher-kva.de/%C3%A9"),
    ("http://[::1]:80/x", "http://[::1]:80/x"),
])  # fmt: skip
def test_addresses_can_be_asked_for(url, address):
    assert fetchable(url)[0] == address


@pytest.mark.parametrize("url", [
    None, "", "x", "ftp://a/b", "file:///etc/passwd", "data:image/png;base64,AA==", "//a.org/x",
    "http://", "http://[::1/x", "http://a:99999/", "http://a:b/", "http://" + "a" * 9000,
    "javascript:alert(1)", "http:///x",
])  # fmt: skip
def test_what_is_no_web_address_is_refused(url):
    assert fetchable(url) == ("", "")


@given(st.text(max_size=40))
def test_an_address_that_is_accepted_can_be_requested(rest):
    address, host = fetchable(f"http://example.org/{rest}")
    assert host == "example.org"
    request = urllib.request.Request(address)  # raises what img2dataset would call a failure
    assert request.selector.isascii() and " " not in request.selector


@given(st.text(max_size=40))
def test_no_text_breaks_the_judgement(text):
    address, host = fetchable(text)
    assert bool(address) == bool(host)


@pytest.mark.parametrize("address", [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "0.0.0.0", "224.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "240.0.0.1",
    "::1", "::", "fe80::1", "fe80::1%eth0", "fd00:ec2::254", "ff02::1", "2001:db8::1",
    "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a00:1::1",
])  # fmt: skip
def test_machines_that_are_not_public_are_not_asked(address):
    assert not AddressPolicy().permits(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_public_machines_are_asked(address):
    assert AddressPolicy().permits(address)


def test_networks_are_allowed_one_by_one():
    policy = AddressPolicy(networks(["loopback", "10.1.0.0/16"]))
    assert policy.permits("127.0.0.1") and policy.permits("::1") and policy.permits("10.1.9.9")
    assert not policy.permits("10.2.0.1") and not policy.permits("169.254.169.254")
    with pytest.raises(BenchwrightError, match="not a network"):
        networks(["everything"])
