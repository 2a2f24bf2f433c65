"""How often one address may try links and join, and one browser answer: links are meant for people."""

from typing import Any, cast

from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView


class _ByAddress(SimpleRateThrottle):
    """Counted by address; only for who comes by a link."""

    def get_cache_key(self, request: Any, view: Any) -> str:
        return f"survey:{self.scope}:{self.get_ident(request)}"


class Visiting(_ByAddress):
    """Every request by a link; a class of forty behind one address answers a picture every few seconds."""

    scope = "visit"
    rate = "3000/min"


class Joining(_ByAddress):
    """New participants."""

    scope = "join"
    rate = "600/hour"


class UnknownLinks(_ByAddress):
    """Links that lead nowhere."""

    scope = "unknown"
    rate = "30/min"


def is_too_often(limit: type[_ByAddress], request: Any) -> bool:
    """Whether this address has done it too often; it is counted by asking."""
    return not limit().allow_request(request, cast(APIView, None))
