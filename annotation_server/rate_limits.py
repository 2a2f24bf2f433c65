"""How often one address may do something: counted in one place for all web processes."""

import logging
from typing import Any, cast

from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache
from django.utils.connection import ConnectionProxy
from redis.exceptions import RedisError
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

counts: Any = ConnectionProxy(caches, "limits")
log = logging.getLogger(__name__)


class CountsInValkey(RedisCache):
    """Counts in the broker; while it does not answer nothing is limited, so that people can go on."""

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        try:
            return super().get(key, default, version)
        except RedisError as error:
            log.warning("Attempts are not limited now: %s", error)
            return default

    def set(self, *args: Any, **options: Any) -> None:
        try:
            super().set(*args, **options)
        except RedisError as error:
            log.warning("Attempts are not counted now: %s", error)


class ByAddress(SimpleRateThrottle):
    """So many of one ``scope`` in the time that ``rate`` names, by address."""

    cache = counts

    def get_cache_key(self, request: Any, view: Any) -> str:
        return f"limit:{self.scope}:{self.get_ident(request)}"


def is_too_often(limit: type[ByAddress], request: Any) -> bool:
    """Whether this address has done it too often; it is counted by asking."""
    return not limit().allow_request(request, cast(APIView, None))
