"""`/api/v1/projects/{id}/quality` and `/api/v1/alarms`: how annotators do."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation_server.errors import NotFound
from annotation_server.quality.alarms import LONGEST_NOTE, acknowledge
from annotation_server.quality.overview import alarm_row, overview, person
from annotation_server.quality.tables import alarms_table, annotators_table, days_table
from annotation_server.work.asked_days import asked_span, csv_file, span_parameters
from annotation_server.work.days import Span

DEFAULT_DAYS = 90
SPAN = span_parameters(DEFAULT_DAYS)
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
        return Response(overview(request.user, project_id, asked_span(request, DEFAULT_DAYS)))


class QualityOfPerson(APIView):
    """One person's figures, control charts and honeypots."""

    @extend_schema(parameters=SPAN, responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, project_id: int, username: str) -> Response:
        return Response(person(request.user, project_id, username, asked_span(request, DEFAULT_DAYS)))


class QualityTable(APIView):
    """One of the tables ``annotators``, ``days`` and ``alarms`` as CSV."""

    @extend_schema(parameters=SPAN, responses=OpenApiResponse(OpenApiTypes.STR, description="CSV"))
    def get(self, request: Request, project_id: int, name: str) -> HttpResponse:
        span = asked_span(request, DEFAULT_DAYS)
        if name not in _TABLES:
            raise NotFound(
                _("There is no table “%(name)s”. There are: %(tables)s.")
                % {"name": name, "tables": ", ".join(_TABLES)}
            )
        rows = _TABLES[name](request.user, project_id, span)
        return csv_file(rows, f"project-{project_id}-quality-{name}", span)


class AlarmAcknowledge(APIView):
    """Acknowledge an alarm with a note."""

    @extend_schema(request=NoteInput, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request, alarm_id: int) -> Response:
        given = NoteInput(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(alarm_row(acknowledge(request.user, alarm_id, given.validated_data["note"])))


urlpatterns = [
    path("projects/<int:project_id>/quality", Quality.as_view()),
    path("projects/<int:project_id>/quality/people/<str:username>", QualityOfPerson.as_view()),
    path("projects/<int:project_id>/quality/<slug:name>.csv", QualityTable.as_view()),
    path("alarms/<int:alarm_id>/acknowledge", AlarmAcknowledge.as_view()),
]
