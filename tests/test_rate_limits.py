"""Counts by address are the same for every web process, and nobody is shut out while they cannot be kept."""

from django.core.cache import caches
from django.test import RequestFactory

from annotation_server.rate_limits import ByAddress, CountsInValkey, is_too_often


class Once(ByAddress):
    scope = "test"
    rate = "1/day"


def attempt(backend):
    """Whether one more attempt is too often in a process whose counts lie there."""
    caches["limits"] = backend
    return is_too_often(Once, RequestFactory().get("/"))


def test_it_works(valkey_url, settings):
    try:
        where = f"unix{valkey_url.removeprefix('redis+socket')}"
        assert [attempt(CountsInValkey(where, {"KEY_PREFIX": "limits"})) for _ in range(2)] == [False, True]
    finally:
        del caches["limits"]


def test_without_valkey_nothing_is_limited():
    try:
        assert [attempt(CountsInValkey("redis://127.0.0.1:1/0", {})) for _ in range(2)] == [False, False]
    finally:
        del caches["limits"]
