"""`/api/v1/projects/{id}/quality` and `/api/v1/alarms`: how annotators do."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation_server.errors import NotFound, Refused
from annotation_server.quality.alarms import LONGEST_NOTE, acknowledge
from annotation_server.quality.overview import alarm_row, overview, person
from annotation_server.quality.tables import alarms_table, annotators_table, days_table
from annotation_server.work.csv_text import csv_text
from annotation_server.work.days import Span

DEFAULT_DAYS = 90
SPAN = [
    OpenApiParameter("first", date, description="First day (UTC); 90 days back when left out"),
    OpenApiParameter("last", date, description="Last day (UTC); today when left out"),
]
_TABLES: dict[str, Callable[[Any, int, Span], list[dict[str, Any]]]] = {
    "annotators": annotators_table,
    "days": days_table,
    "alarms": alarms_table,
}


class NoteInput(serializers.Serializer[Any]):
    """What a reviewer found when they looked into an alarm."""

    note = serializers.CharField(max_length=LONGEST_NOTE)


class Quality(APIView):
    """Figures and alarms of a project's annotators over a span of days."""

    @extend_schema(parameters=SPAN, responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, project_id: int) -> Response:
        return Response(overview(request.user, project_id, span_of(request)))


class QualityOfPerson(APIView):
    """One person's figures, control charts and honeypots."""

    @extend_schema(parameters=SPAN, responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, project_id: int, username: str) -> Response:
        return Response(person(request.user, project_id, username, span_of(request)))


class QualityTable(APIView):
    """One of the tables ``annotators``, ``days`` and ``alarms`` as CSV."""

    @extend_schema(parameters=SPAN, responses=OpenApiResponse(OpenApiTypes.STR, description="CSV"))
    def get(self, request: Request, project_id: int, name: str) -> HttpResponse:
        span = span_of(request)
        if name not in _TABLES:
            raise NotFound(
                _("There is no table “%(name)s”. There are: %(tables)s.")
                % {"name": name, "tables": ", ".join(_TABLES)}
            )
        text = csv_text(_TABLES[name](request.user, project_id, span))
        response = HttpResponse(text, content_type="text/csv; charset=utf-8")
        file_name = f"project-{project_id}-quality-{name}-{span.first}-{span.last}.csv"
        response["Content-Disposition"] = f'attachment; filename="{file_name}"'
        return response


class AlarmAcknowledge(APIView):
    """Acknowledge an alarm with a note."""

    @extend_schema(request=NoteInput, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request, alarm_id: int) -> Response:
        given = NoteInput(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(alarm_row(acknowledge(request.user, alarm_id, given.validated_data["note"])))


def span_of(request: Request) -> Span:
    """The days asked for; raises Refused."""
    last = _day(request, "last") or timezone.now().date()
    return Span(_day(request, "first") or last - timedelta(DEFAULT_DAYS - 1), last)


def _day(request: Request, name: str) -> date | None:
    text = request.query_params.get(name, "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Refused(_("“%(name)s” must be a day: 2026-01-31.") % {"name": name}, code="invalid") from None


urlpatterns = [
    path("projects/<int:project_id>/quality", Quality.as_view()),
    path("projects/<int:project_id>/quality/people/<str:username>", QualityOfPerson.as_view()),
    path("projects/<int:project_id>/quality/<slug:name>.csv", QualityTable.as_view()),
    path("alarms/<int:alarm_id>/acknowledge", AlarmAcknowledge.as_view()),
]
