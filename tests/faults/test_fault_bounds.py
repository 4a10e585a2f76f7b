"""What holds the fuzz tests in bounds does: too much memory, too much time and errors are seen."""

import bounds
import pytest


def tried(check, folder):
    bounds.in_a_child(lambda child: [child.check(check, value) for value in (1, 2)], folder)


def test_what_keeps_within_its_bounds_passes(tmp_path):
    tried(lambda value: bytes(2**20), tmp_path)


def test_more_memory_than_allowed_is_seen(tmp_path):
    with pytest.raises(AssertionError, match="MemoryError"):
        tried(lambda value: bytes((bounds.MEGABYTES + 100) * 2**20), tmp_path)


def test_more_time_than_allowed_is_seen_and_which_value_took_it(tmp_path, monkeypatch):
    monkeypatch.setattr(bounds, "SECONDS", 0.2)

    def endless(value):
        while value == 2:
            pass

    with pytest.raises(AssertionError, match=r"took more than 0 s[^$]*last tried: 2"):
        tried(endless, tmp_path)


def test_an_error_is_seen(tmp_path):
    def wrong(value):
        assert value == 1, "no such value"

    with pytest.raises(AssertionError, match=r"no such value[^$]*last tried: 2"):
        tried(wrong, tmp_path)
