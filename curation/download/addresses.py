"""Web addresses: which can be fetched, and which of the machines they lead to may be asked."""

from __future__ import annotations

import ipaddress
import re
import string
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, urlsplit, urlunsplit

from benchwright.errors import BenchwrightError

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

LONGEST = 8_000
"""Characters of an address: the most that servers commonly accept."""

LOOPBACK = "loopback"
"""A word for the machine itself among the networks a user allows."""

NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
PLAIN = re.compile(r"[!-~]+", re.ASCII)


def fetchable(url: str | None) -> tuple[str, str]:
    """An address as it can be asked for, and its host; two empty strings if it is no web address.

    Spaces and letters beyond ASCII, which are common in published tables and which urllib refuses,
    are escaped as a browser does; an address that needs nothing stays as it is.
    """
    if not url or len(url) > LONGEST:
        return "", ""
    stripped = url.strip()
    try:
        parts = urlsplit(stripped)
        host, _ = parts.hostname or "", parts.port
        if parts.scheme.lower() not in ("http", "https") or not host:
            return "", ""
        if PLAIN.fullmatch(stripped):
            return stripped, host
        ascii_host = host if host.isascii() else host.encode("idna").decode("ascii")
    except (ValueError, UnicodeError):
        return "", ""
    if not PLAIN.fullmatch(ascii_host):
        return "", ""
    port = f":{parts.port}" if parts.port is not None else ""
    path = quote(parts.path, safe=string.punctuation)
    query = quote(parts.query, safe=string.punctuation)
    return urlunsplit((parts.scheme, ascii_host + port, path, query, "")), ascii_host


def networks(names: Iterable[str]) -> tuple[IPNetwork, ...]:
    """The networks that a user allows besides the public ones.

    Args:
        names: ``loopback``, an address, or a network such as ``10.1.0.0/16``.

    Raises:
        BenchwrightError: not a network.
    """
    found: list[IPNetwork] = []
    for name in names:
        if name == LOOPBACK:
            found += [ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128")]
            continue
        try:
            found.append(ipaddress.ip_network(name, strict=False))
        except ValueError as error:
            raise BenchwrightError(
                f"--allow-private {name}: not a network; give one such as 10.1.0.0/16, "
                f'an address, or "{LOOPBACK}"'
            ) from error
    return tuple(found)


@dataclass(frozen=True, slots=True)
class AddressPolicy:
    """Which machines may be asked: public ones, and those of networks the user allows.

    Attributes:
        allowed: networks that are allowed though they are not public.
    """

    allowed: tuple[IPNetwork, ...] = ()

    def permits(self, address: str) -> bool:
        """Whether the machine with this IP address may be asked.

        Refused are private, loopback, link-local (where cloud machines keep their credentials),
        multicast and reserved addresses, also where an IPv6 address only wraps one.
        """
        ip = _unwrapped(ipaddress.ip_address(address.partition("%")[0]))
        if any(ip in network for network in self.allowed):
            return True
        return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


def _unwrapped(ip: IPAddress) -> IPAddress:
    """The IPv4 address that an IPv6 one stands for: mapped, NAT64, 6to4 or Teredo."""
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    if ip in NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    teredo = ip.teredo[1] if ip.teredo else None
    return ip.ipv4_mapped or ip.sixtofour or teredo or ip
