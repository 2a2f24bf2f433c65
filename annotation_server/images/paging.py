"""Pages of a list that may be very long: what matches is counted up to a limit, never further."""

from typing import Any

from django.core.paginator import Paginator
from django.utils.functional import cached_property
from rest_framework.response import Response

from annotation_server.rendering import Pages

MOST_COUNTED = 100_000


class BoundedPaginator(Paginator):
    """Counts MOST_COUNTED rows at most."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[:MOST_COUNTED].count())


class BoundedPages(Pages):
    """Pages whose answer says whether ``count`` is the whole number or where counting stopped."""

    django_paginator_class = BoundedPaginator

    def get_paginated_response(self, data: Any) -> Response:
        response = super().get_paginated_response(data)
        response.data["count_is_exact"] = response.data["count"] < MOST_COUNTED
        return response
