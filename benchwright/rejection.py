"""Why a row or a sample is not used: the closed list that download, embedding and mining share."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """A reason for leaving something out; its value is what tables and reports print."""

    # Before anything is fetched.
    NO_CLASS = "no class in caption"
    DUPLICATE_URL = "same address as an earlier row"
    BAD_URL = "not a web address"
    LICENCE = "licence not wanted"
    # While fetching.
    PRIVATE_ADDRESS = "private address"
    DNS = "host not found"
    REFUSED = "connection refused"
    TLS = "insecure connection"
    TIMEOUT = "timed out"
    DROPPED = "connection dropped"
    NOT_FOUND = "not found"  # 404, 410
    FORBIDDEN = "forbidden"  # 401, 403, 451
    RATE_LIMITED = "rate limited"  # 429
    HTTP_OTHER = "other client error"
    SERVER_ERROR = "server error"  # 5xx
    REDIRECTS = "too many redirects"
    OPT_OUT = "opted out"  # X-Robots-Tag
    # What was fetched.
    UNDECODABLE = "not a whole image"  # a page saved as .jpg, a cut file, another format
    TOO_MANY_PIXELS = "too many pixels"  # refused by its header, before it is decoded
    TOO_LARGE = "too many bytes"
    NO_IMAGE = "sample without an image"
    CHANGED = "another image by now"  # rebuilding: its digest is not the one published
    DUPLICATE = "same image as an earlier sample"  # byte for byte
    MISPLACED = "place in the folder says nothing"  # imports: a name that no class or object has
    PLACEHOLDER = "placeholder"  # one picture under many addresses
    BROKEN_SHARD = "broken shard"  # what follows in it could not be read; has no key
    NOT_FINITE = "no finite embedding"  # the model overflowed, or its weights are broken
    # What was seen.
    TOO_SMALL = "too small"
    ASPECT = "too long and narrow"
    SUBJECT_TOO_SMALL = "subject too small"
    NEAR_DUPLICATE = "near duplicate"
    LEAK = "in another set"
    UNSAFE = "unsafe"
    WATERMARK = "watermark"
    SPELLED_OUT = "text spells the class"
    SEVERAL_CLASSES = "several classes"
    CLASS_DOUBTED = "judge doubts the class"
    BACKGROUND_UNCLEAR = "background unclear"
    OTHER_BACKGROUND = "background of neither group"
    NO_PAIR = "class without a confirmed pair"
    REVIEWED_OUT = "rejected by a reviewer"
