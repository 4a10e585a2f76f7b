"""What a row's picture and its delivery may be, and what each must lead to."""

from __future__ import annotations

from benchwright.rejection import Reason

SCENE, UNSEEN = "scene", "unseen"
"""Pictures: one object in full view; and what lies behind an address nothing is had from."""

PLAIN = "plain"
"""Delivery: 200 and the picture."""

NAMED, SYNONYM, WRONG, SEVERAL = "named", "synonym", "wrong", "several"
NAMELESS, FOREIGN, MISSING = "nameless", "foreign", "missing"
"""Wordings of a text."""

CLASSLESS = (NAMELESS, FOREIGN, MISSING)
"""Wordings in which no class of an English vocabulary is found."""

JPEG, PNG = "jpeg", "png"
"""File formats."""

DOWNLOADED = "downloaded"
"""Expected of a row that nothing is wrong with."""

DOWNLOAD, CAPTION, CURATION = "download", "caption", "curation"
"""Stages: fetching; choosing rows by class names in their texts; looking at what was fetched."""

FAILURES: dict[str, Reason] = {
    "repeated_url": Reason.DUPLICATE_URL,
    "no_url": Reason.BAD_URL,
    "bad_url": Reason.BAD_URL,
    "private": Reason.PRIVATE_ADDRESS,
    "redirect_private": Reason.PRIVATE_ADDRESS,
    "redirect_loop": Reason.REDIRECTS,
    "dns": Reason.DNS,
    "refused": Reason.REFUSED,
    "tls": Reason.TLS,
    "dropped": Reason.DROPPED,
    "slow": Reason.TIMEOUT,
    "not_found": Reason.NOT_FOUND,
    "forbidden": Reason.FORBIDDEN,
    "rate_limited": Reason.RATE_LIMITED,
    "client_error": Reason.HTTP_OTHER,
    "server_error": Reason.SERVER_ERROR,
    "opt_out": Reason.OPT_OUT,
    "not_an_image": Reason.UNDECODABLE,
    "truncated": Reason.UNDECODABLE,
    "bomb": Reason.TOO_MANY_PIXELS,
}
"""Deliveries that fail, with the reason a downloader must give."""

CURATED: dict[str, Reason] = {
    "several": Reason.SEVERAL_CLASSES,
    "spelled_out": Reason.SPELLED_OUT,
    "watermarked": Reason.WATERMARK,
    "unsafe": Reason.UNSAFE,
    "icon": Reason.TOO_SMALL,
    "banner": Reason.ASPECT,
    "small_subject": Reason.SUBJECT_TOO_SMALL,
    "placeholder": Reason.PLACEHOLDER,
    "duplicate": Reason.NEAR_DUPLICATE,
    "near_duplicate": Reason.NEAR_DUPLICATE,
}
"""Pictures that come but are to be left out, with the reason that curation must give."""

SERVED = ("slow", "opt_out", "truncated", "dropped")
"""Failures behind which there is a picture."""

UNSERVED = ("repeated_url", "no_url", "bad_url", "private", "dns", "refused", "tls")
"""Failures that need no answer of the server."""


def expected(picture: str, delivery: str, wording: str) -> tuple[str, str]:
    """What must become of a row: ``downloaded`` or a ``Reason``, and the stage that says so."""
    if delivery in FAILURES:
        return FAILURES[delivery].value, DOWNLOAD
    if wording in CLASSLESS:
        return Reason.NO_CLASS.value, CAPTION
    if picture in CURATED:
        return CURATED[picture].value, CURATION
    if wording == WRONG:
        return Reason.CLASS_DOUBTED.value, CURATION
    return DOWNLOADED, ""
