"""`/api/v1/studies`: planning a study, its course, and asking for its report."""

from dataclasses import asdict
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request as ApiRequest
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation_server.annotation.access import OVERSEERS
from annotation_server.consistency import protocol
from annotation_server.consistency.models import Study
from annotation_server.consistency.serializers import (
    NewStudy,
    PreviewAnswer,
    PreviewInput,
    StudyDetail,
    StudyRow,
    population_of,
    protocol_of,
)
from annotation_server.permissions import require_role, visible_projects
from annotation_server.projects.models import Membership, Role
from annotation_server.rendering import NewestFirst


class StudyFilter(django_filters.FilterSet):
    """The filters of the list; there are no others."""

    project = django_filters.NumberFilter("project_id")
    state = django_filters.ChoiceFilter(choices=Study.State.choices)


class Studies(NewestFirst, GenericAPIView[Study]):
    """The studies of the projects one oversees, newest first."""

    queryset = Study.objects.none()
    serializer_class = StudyRow
    filterset_class = StudyFilter

    def get_queryset(self) -> QuerySet[Study]:
        rows = Study.objects.select_related("created_by")
        user: Any = self.request.user
        if user.is_staff:
            return rows
        overseen = Membership.objects.filter(user=user, role__in=OVERSEERS)
        return rows.filter(project__in=overseen.values("project"))

    @extend_schema(operation_id="studies_list", responses=StudyRow(many=True))
    def get(self, request: ApiRequest) -> Response:
        asked = request.query_params.get("project", "")
        if asked.isascii() and asked.isdigit() and len(asked) < 19:
            _refuse_annotators(request, int(asked))
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(StudyRow(page, many=True).data)

    @extend_schema(operation_id="studies_create", request=NewStudy, responses={201: StudyRow})
    def post(self, request: ApiRequest) -> Response:
        asked = NewStudy(data=request.data)
        asked.is_valid(raise_exception=True)
        wanted = asked.validated_data
        study = protocol.plan_study(request.user, wanted["project"], protocol_of(wanted))
        return Response(StudyRow(study).data, status=201)


def _refuse_annotators(request: ApiRequest, project_id: int) -> None:
    """Annotators are told that they may not look, not that there is nothing."""
    if visible_projects(request.user).filter(pk=project_id).exists():
        require_role(request.user, project_id, Role.REVIEWER)


class Preview(APIView):
    """What a population would give: how many images, the size suggested, and who could draw how many."""

    @extend_schema(operation_id="studies_preview", request=PreviewInput, responses=PreviewAnswer)
    def post(self, request: ApiRequest) -> Response:
        asked = PreviewInput(data=request.data)
        asked.is_valid(raise_exception=True)
        wanted = asked.validated_data
        found = protocol.preview(
            request.user,
            wanted["project"],
            population_of(wanted["population"]),
            members=wanted["members"],
            annotators=wanted["annotators"],
        )
        people = [{"username": name, "could_draw": n} for name, n in found.could_draw.items()]
        return Response(PreviewAnswer(asdict(found) | {"annotators": people}).data)


class OneStudy(APIView):
    """One study; it can be deleted while it is planned."""

    @extend_schema(operation_id="studies_retrieve", responses=StudyDetail)
    def get(self, request: ApiRequest, study_id: int) -> Response:
        return Response(StudyDetail(protocol.find_study(request.user, study_id)).data)

    @extend_schema(operation_id="studies_delete", responses={204: None})
    def delete(self, request: ApiRequest, study_id: int) -> Response:
        protocol.delete_study(request.user, study_id)
        return Response(status=204)


class Open(APIView):
    """Freeze the vocabulary and hand out the first parts; admins."""

    @extend_schema(operation_id="studies_open", request=None, responses=StudyRow)
    def post(self, request: ApiRequest, study_id: int) -> Response:
        return _row(protocol.open_study(request.user, study_id))


class StartNames(APIView):
    """End the drawing and have the first's masks named; admins."""

    @extend_schema(operation_id="studies_start_names", request=None, responses=StudyRow)
    def post(self, request: ApiRequest, study_id: int) -> Response:
        return _row(protocol.start_names(request.user, study_id))


class Cancel(APIView):
    """Call a study off; admins."""

    @extend_schema(operation_id="studies_cancel", request=None, responses=StudyRow)
    def post(self, request: ApiRequest, study_id: int) -> Response:
        return _row(protocol.cancel_study(request.user, study_id))


def _row(study: Study) -> Response:
    return Response(StudyRow(Study.objects.select_related("created_by").get(pk=study.pk)).data)


urlpatterns: list[Any] = [
    path("studies", Studies.as_view()),
    path("studies/preview", Preview.as_view()),
    path("studies/<int:study_id>", OneStudy.as_view()),
    path("studies/<int:study_id>/open", Open.as_view()),
    path("studies/<int:study_id>/start-names", StartNames.as_view()),
    path("studies/<int:study_id>/cancel", Cancel.as_view()),
]
