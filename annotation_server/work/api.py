"""`/api/v1/queue` and `/api/v1/projects/{id}/dashboard`."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation_server.errors import Refused
from annotation_server.work.asked_days import asked_span, csv_file, span_parameters
from annotation_server.work.dashboard import dashboard, table
from annotation_server.work.my_queue import my_queue
from annotation_server.work.next_work import next_work

DEFAULT_DAYS = 30
SINCE = OpenApiParameter("since", str, description="When today began there, ISO 8601 with an offset")
SPAN = span_parameters(DEFAULT_DAYS)


class QueueNextInput(serializers.Serializer[Any]):
    """Where to look for work; everywhere, if no project is named."""

    project = serializers.IntegerField(allow_null=True, default=None)


class NextAnswer(serializers.Serializer[Any]):
    """The next piece of work and its page."""

    kind = serializers.ChoiceField(["returned", "open", "review", "new"])
    url = serializers.CharField()


class Queue(APIView):
    """What waits for the person who asks, across projects, and their figures of today."""

    @extend_schema(parameters=[SINCE], responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        return Response(my_queue(request.user, _since(request)))


class QueueNext(APIView):
    """The next piece of work: returned, begun, to review, or a new image."""

    @extend_schema(request=QueueNextInput, responses=NextAnswer)
    def post(self, request: Request) -> Response:
        wanted = QueueNextInput(data=request.data)
        wanted.is_valid(raise_exception=True)
        return Response(NextAnswer(next_work(request.user, wanted.validated_data["project"])).data)


class Dashboard(APIView):
    """A project's figures over a span of days."""

    @extend_schema(parameters=SPAN, responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, project_id: int) -> Response:
        return Response(dashboard(request.user, project_id, asked_span(request, DEFAULT_DAYS)))


class DashboardTable(APIView):
    """One table of the dashboard as CSV."""

    @extend_schema(parameters=SPAN, responses=OpenApiResponse(OpenApiTypes.STR, description="CSV"))
    def get(self, request: Request, project_id: int, name: str) -> HttpResponse:
        span = asked_span(request, DEFAULT_DAYS)
        rows = table(request.user, project_id, span, name)
        return csv_file(rows, f"project-{project_id}-{name}", span)


def _since(request: Request) -> datetime:
    text = request.query_params.get("since", "")
    if not text:
        return datetime.combine(timezone.now().date(), time(), UTC)
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Refused(
            _("“since” must be a moment with an offset: 2026-01-31T00:00:00+01:00."), code="invalid"
        )
    return max(moment, timezone.now() - timedelta(days=2))


urlpatterns = [
    path("queue", Queue.as_view()),
    path("queue/next", QueueNext.as_view()),
    path("projects/<int:project_id>/dashboard", Dashboard.as_view()),
    path("projects/<int:project_id>/dashboard/<slug:name>.csv", DashboardTable.as_view()),
]
