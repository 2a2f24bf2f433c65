"""How the API reads and writes JSON, and pages and sorts its lists."""

from typing import Any

import orjson
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.pagination import PageNumberPagination
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer


class OrjsonRenderer(BaseRenderer):
    """JSON by orjson."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, media_type: str | None = None, context: Any = None) -> bytes:
        return b"" if data is None else orjson.dumps(data, default=str, option=orjson.OPT_NON_STR_KEYS)


class OrjsonParser(BaseParser):
    """JSON by orjson; refuses what is not JSON with the place of the mistake."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, context: Any = None) -> Any:
        try:
            return orjson.loads(stream.read())
        except orjson.JSONDecodeError as error:
            raise ParseError(_("The body is not JSON: %(error)s.") % {"error": error}) from None


class Pages(PageNumberPagination):
    """{count, next, previous, results}, 50 a page unless `page_size` says otherwise (at most 200)."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200


class NewestFirst:
    """A list of things with names: searched by name, sorted by number or name, the newest first."""

    search_fields = ["name"]
    ordering_fields = ["id", "name"]
    ordering = ["-id"]
