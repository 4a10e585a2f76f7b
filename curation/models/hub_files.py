"""Weights on the Hugging Face Hub: from the local cache if they are there, else fetched."""

from __future__ import annotations

import logging
import os
import re
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchwright.errors import ModelError

REACH_SECONDS = 5.0
"""Longest wait for the Hub's first answer. Its client would retry for half a minute."""


def safetensors_first(name: str) -> tuple[str, ...]:
    """A weights file as a repository lists it, after its twin that holds nothing but weights."""
    return tuple(dict.fromkeys((re.sub(r"\.(bin|pth?)$", ".safetensors", name), name)))


def cached(repository: str, names: Sequence[str]) -> Path | None:
    """The first of these files that the local cache holds; asks no network."""
    from huggingface_hub import try_to_load_from_cache

    for name in names:
        if isinstance(path := try_to_load_from_cache(repository, name), str):
            return Path(path)
    return None


def fetch(model_id: str, repository: str, names: Sequence[str]) -> Path:
    """The first of these files that a repository has; the local cache is asked first.

    Args:
        model_id: for messages.
        repository: ``org/name``.
        names: of the file, most wanted first.

    Raises:
        ModelError: it is not here and cannot be fetched, with what to do about it.
    """
    if found := cached(repository, names):
        return found
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import (
        EntryNotFoundError,
        GatedRepoError,
        HfHubHTTPError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
    )

    _need_network(model_id, repository, names)
    for name in names:
        try:
            with quiet_logs():
                return Path(hf_hub_download(repository, name))
        except LocalEntryNotFoundError as error:
            raise _not_here(model_id, repository, names, str(error)) from None
        except EntryNotFoundError:
            continue
        except GatedRepoError:
            raise ModelError(
                f"{model_id}: {repository} asks for consent first: accept its terms on its page, "
                "then run `hf auth login`"
            ) from None
        except (RepositoryNotFoundError, HfHubHTTPError, OSError) as error:
            raise _not_here(model_id, repository, names, str(error)) from None
    raise ModelError(f"{model_id}: {repository} has none of {', '.join(names)}")


@contextmanager
def quiet_logs() -> Iterator[None]:
    """Keep libraries from logging to the terminal; what matters comes as an error of ours.

    open_clip warns on the root logger about random weights that were asked for, and the Hub's
    client about each retry.
    """
    root = logging.getLogger()
    handler = logging.NullHandler()  # without one, logging.warning() installs one that prints
    root.addHandler(handler)
    before = logging.root.manager.disable
    logging.disable(logging.ERROR)
    try:
        yield
    finally:
        logging.disable(before)
        root.removeHandler(handler)


def _need_network(model_id: str, repository: str, names: Sequence[str]) -> None:
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE:
        raise _not_here(model_id, repository, names, "HF_HUB_OFFLINE is set")
    asked = urllib.request.Request(constants.ENDPOINT, method="HEAD")
    try:
        urllib.request.urlopen(asked, timeout=REACH_SECONDS).close()
    except urllib.error.HTTPError:
        return  # an answer, whatever it says
    except (OSError, ValueError) as error:
        reason = f"{constants.ENDPOINT} does not answer: {getattr(error, 'reason', error)}"
        raise _not_here(model_id, repository, names, reason) from None


def _not_here(model_id: str, repository: str, names: Sequence[str], reason: str) -> ModelError:
    home = os.environ.get("HF_HOME") or "~/.cache/huggingface"
    stem = model_id.rpartition("/")[0] if not model_id.startswith("timm/") else model_id
    return ModelError(
        f"{model_id}: its weights are not in {home} and cannot be fetched "
        f"({' '.join(reason.split())}); where there is a network run "
        f"`hf download {repository} {names[0]}` and set HF_HOME to that cache, or name the file: "
        f"{stem}@/path/to/{names[0]}"
    )
