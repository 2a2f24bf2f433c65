"""The days that an API request asks for, and tables of them as CSV files."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from annotation_server.errors import Refused
from annotation_server.work.csv_text import csv_text
from annotation_server.work.days import Span


def span_parameters(days: int) -> list[OpenApiParameter]:
    """What OpenAPI says of ``asked_span``."""
    first = f"First day (UTC); {days} days back when left out"
    return [
        OpenApiParameter("first", date, description=first),
        OpenApiParameter("last", date, description="Last day (UTC); today when left out"),
    ]


def asked_span(request: Request, days: int) -> Span:
    """From ``first`` to ``last``; so many days up to today if left out. Raises Refused."""
    last = _day(request, "last") or timezone.now().date()
    return Span(_day(request, "first") or last - timedelta(days - 1), last)


def csv_file(rows: Sequence[dict[str, Any]], name: str, span: Span) -> HttpResponse:
    """Rows to be saved as a file named after what they are of and their days."""
    response = HttpResponse(csv_text(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}-{span.first}-{span.last}.csv"'
    return response


def _day(request: Request, name: str) -> date | None:
    text = request.query_params.get(name, "")
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(_("“%(name)s” must be a day: 2026-01-31.") % {"name": name}, code="invalid") from None
