"""What img2dataset says went wrong, as a reason; and which reasons may pass by themselves."""

from __future__ import annotations

import re
from functools import lru_cache

from benchwright.rejection import Reason

REFUSAL = 470
"""HTTP status by which our proxy refuses: one that no standard and no common server uses."""

MARK = "benchwright: "
"""How the reason phrase of our proxy's refusals begins; the value of a ``Reason`` follows."""

FOR_NOW = " (for now)"
"""Ends the phrase where the network, not the address, may be at fault."""

PASSING = frozenset({Reason.TIMEOUT, Reason.DROPPED, Reason.SERVER_ERROR, Reason.RATE_LIMITED})
"""Reasons that say nothing against the address itself: worth another try."""

BY_STATUS = {
    401: Reason.FORBIDDEN,
    403: Reason.FORBIDDEN,
    404: Reason.NOT_FOUND,
    408: Reason.TIMEOUT,
    410: Reason.NOT_FOUND,
    429: Reason.RATE_LIMITED,
    451: Reason.FORBIDDEN,
}

RULES: tuple[tuple[str, Reason], ...] = (
    # Order matters: the first that is found decides.
    (r"X-Robots-Tag", Reason.OPT_OUT),
    (r"Redirection to url .* is not allowed", Reason.BAD_URL),
    (r"redirect error|infinite loop", Reason.REDIRECTS),
    (r"CV_IO_MAX_IMAGE_(PIXELS|WIDTH|HEIGHT)|image area too large", Reason.TOO_MANY_PIXELS),
    (r"image too small", Reason.TOO_SMALL),
    (r"aspect ratio too large", Reason.ASPECT),
    (r"Image decoding error|OpenCV\(", Reason.UNDECODABLE),
    (r"unknown url type|URL can't contain|no host given|nonnumeric port|Invalid IPv6 URL"
     r"|codec can't encode|label (empty|too long)|Invalid character", Reason.BAD_URL),
    (r"timed out|timeout", Reason.TIMEOUT),
    (r"Name or service not known|nodename nor servname|getaddrinfo failed|name resolution"
     r"|No address associated", Reason.DNS),
    (r"EOF occurred|Connection reset|closed connection|IncompleteRead|Broken pipe|aborted"
     r"|No route to host|unreachable|not enough values to unpack", Reason.DROPPED),
    (r"Connection refused", Reason.REFUSED),
    (r"SSL|certificate|CERTIFICATE|_ssl\.c|TLS", Reason.TLS),
)  # fmt: skip
"""Patterns in the texts of urllib, http.client, ssl, OpenCV and img2dataset 1.47."""

_COMPILED = tuple((re.compile(pattern), reason) for pattern, reason in RULES)
_STATUS = re.compile(r"(?:HTTP Error|Tunnel connection failed:) (\d{3})(?::| ) ?(.*)", re.DOTALL)
_INCOMPLETE = re.compile(r"IncompleteRead\((\d+) bytes read(?:, (\d+) more expected)?\)")
_PROXY_GONE = re.compile(r"^<urlopen error \[Errno \d+\] Connection refused>$")


@lru_cache(maxsize=65_536)
def classify(status: str, error: str, most_bytes: int) -> Reason:
    """The reason of a failed row.

    Args:
        status: img2dataset's: ``failed_to_download`` or ``failed_to_resize``.
        error: its message.
        most_bytes: bytes after which the proxy cuts a response.
    """
    if answered := _STATUS.search(error):
        code, phrase = int(answered[1]), answered[2].rstrip(">")  # of urllib
        if code == REFUSAL and phrase.startswith(MARK):
            return _refused(phrase.removeprefix(MARK).removesuffix(FOR_NOW))
        if code >= 400:
            other = Reason.SERVER_ERROR if code >= 500 else Reason.HTTP_OTHER
            return BY_STATUS.get(code, other)
    if cut := _INCOMPLETE.search(error):
        whole = int(cut[1]) + int(cut[2] or 0)
        return Reason.TOO_LARGE if whole > most_bytes else Reason.DROPPED
    for pattern, reason in _COMPILED:
        if pattern.search(error):
            return reason
    return Reason.UNDECODABLE if status == "failed_to_resize" else Reason.HTTP_OTHER


def _refused(value: str) -> Reason:
    try:
        return Reason(value)
    except ValueError:
        return Reason.HTTP_OTHER


def may_pass(reason: str, detail: str) -> bool:
    """Whether a failure is worth another try later."""
    return reason in PASSING or (reason == Reason.DNS and FOR_NOW in detail)


def was_not_asked(error: str) -> bool:
    """Whether a row failed because our proxy was gone, so that nobody was asked at all.

    The proxy answers for every address, refused connections too; a refusal that urllib itself saw
    is the proxy's own port, closed because the run was killed.
    """
    return bool(_PROXY_GONE.match(error))
