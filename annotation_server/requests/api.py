"""Long work over HTTP: how far it is, and calling it off."""

from typing import Any

import django_filters
from django.db.models import F, Q, QuerySet, Sum
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request as ApiRequest
from rest_framework.response import Response

from annotation_server.errors import NotAllowed, NotFound
from annotation_server.permissions import RANK, require_role, visible_projects
from annotation_server.projects.models import Membership, Role
from annotation_server.requests import progress
from annotation_server.requests.kept_sentences import said, said_of_each
from annotation_server.requests.models import Request, WorkState


class RequestRow(serializers.Serializer[Any]):
    """A piece of long work."""

    id = serializers.IntegerField()
    project = serializers.IntegerField(source="project_id")
    kind = serializers.ChoiceField(Request.Kind.choices)
    state = serializers.ChoiceField(WorkState.choices)
    progress = serializers.SerializerMethodField(help_text="0 to 1, running jobs counted by their share")
    done = serializers.IntegerField(help_text="Jobs that have ended, well or badly")
    total = serializers.IntegerField()
    message = serializers.SerializerMethodField(help_text="What it does or did, in the reader's language")
    error = serializers.SerializerMethodField(help_text="What failed and why, one reason a line")
    result = serializers.DictField()
    result_url = serializers.SerializerMethodField(help_text="Where the result is to be seen, or empty")
    created_by = serializers.CharField(source="created_by.username", default=None)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)

    def get_message(self, request: Request) -> str:
        return said(request.message)

    def get_error(self, request: Request) -> str:
        return said_of_each(request.error)

    def get_progress(self, request: Request) -> float:
        if request.state == WorkState.SUCCEEDED:
            return 1.0
        if by_share := getattr(request, "by_share", None):
            return min(1.0, by_share)
        under_way = getattr(request, "under_way", None) or 0.0
        return min(1.0, (request.done + under_way) / request.total) if request.total else 0.0

    def get_result_url(self, request: Request) -> str:
        return str(request.result.get("url", ""))


class RequestFilter(django_filters.FilterSet):
    """The filters of the list; there are no others."""

    project = django_filters.NumberFilter("project_id")
    kind = django_filters.ChoiceFilter(choices=Request.Kind.choices)
    state = django_filters.ChoiceFilter(choices=WorkState.choices)


def visible_requests(user: Any) -> QuerySet[Request]:
    """The requests of one's projects, with how far their jobs are summed up."""
    running = Q(jobs__state=WorkState.RUNNING)
    return (
        Request.objects.filter(_may_be_known(user), project__in=visible_projects(user))
        .select_related("created_by")
        .annotate(
            under_way=Sum("jobs__progress", filter=running),
            by_share=Sum(F("jobs__share") * F("jobs__progress")),
        )
    )


def _may_be_known(user: Any) -> Q:
    """Annotators do not learn that there are studies."""
    if user.is_staff:
        return Q()
    overseers = [role for role in Role if RANK[role] >= RANK[Role.REVIEWER]]
    overseen = Membership.objects.filter(user=user, role__in=overseers)
    return ~Q(kind=Request.Kind.STUDY) | Q(project__in=overseen.values("project"))


class Requests(GenericAPIView[Request]):
    """The long work of one's projects, newest first."""

    queryset = Request.objects.none()
    serializer_class = RequestRow
    filterset_class = RequestFilter
    ordering_fields = ["id"]
    ordering = ["-id"]

    def get_queryset(self) -> QuerySet[Request]:
        return visible_requests(self.request.user)

    @extend_schema(operation_id="requests_list", responses=RequestRow(many=True))
    def get(self, request: ApiRequest) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(RequestRow(page, many=True).data)


class OneRequest(GenericAPIView[Request]):
    """One piece of long work."""

    serializer_class = RequestRow

    @extend_schema(operation_id="requests_retrieve", responses=RequestRow)
    def get(self, request: ApiRequest, request_id: int) -> Response:
        return Response(RequestRow(_find(request, request_id)).data)


class CancelRequest(GenericAPIView[Request]):
    """Calling a piece of long work off."""

    serializer_class = RequestRow

    @extend_schema(operation_id="requests_cancel", request=None, responses=RequestRow)
    def post(self, request: ApiRequest, request_id: int) -> Response:
        work = _find(request, request_id)
        role = require_role(request.user, work.project_id, Role.ANNOTATOR)
        if work.created_by_id != request.user.pk and RANK[role] < RANK[Role.CURATOR]:
            raise NotAllowed(_("Only whoever asked for this work, a curator or an admin can cancel it."))
        progress.cancel(work.pk)
        return Response(RequestRow(_find(request, request_id)).data)


def _find(request: ApiRequest, request_id: int) -> Request:
    work = visible_requests(request.user).filter(pk=request_id).first()
    if work is None:
        raise NotFound(_("There is no such request, or you are not a member of its project."))
    return work


urlpatterns = [
    path("requests", Requests.as_view(), name="api-requests"),
    path("requests/<int:request_id>", OneRequest.as_view(), name="api-request"),
    path("requests/<int:request_id>/cancel", CancelRequest.as_view(), name="api-request-cancel"),
]
