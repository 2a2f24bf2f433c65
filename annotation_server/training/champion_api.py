"""Changing a project's champion over HTTP: promote, roll back, retire, and what changed when."""

from django.db.models import QuerySet
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request as ApiRequest
from rest_framework.response import Response

from annotation_server.errors import NotAllowed
from annotation_server.model_registry.api import ModelVersionRow, find_version, rows
from annotation_server.model_registry.models import ModelVersion
from annotation_server.permissions import require_role, visible_projects
from annotation_server.projects.models import Role
from annotation_server.training.models import ChampionChange
from annotation_server.training.promote import promote, retire, roll_back
from annotation_server.training.serializers import ChampionChangeRow, OfProject


def _project(request: ApiRequest) -> int:
    """The project that the body names, of which one is an admin."""
    asked = OfProject(data=request.data)
    asked.is_valid(raise_exception=True)
    project_id: int = asked.validated_data["project"]
    require_role(request.user, project_id, Role.ADMIN)
    return project_id


def _row(request: ApiRequest, version: ModelVersion) -> Response:
    return Response(rows(request, [find_version(request.user, version.pk)])[0])


class Promote(GenericAPIView[ModelVersion]):
    """Making a version a project's champion; a shared one is taken over as the project's own."""

    @extend_schema(operation_id="model_versions_promote", request=OfProject, responses=ModelVersionRow)
    def post(self, request: ApiRequest, version_id: int) -> Response:
        project_id = _project(request)
        return _row(request, promote(project_id, find_version(request.user, version_id), by=request.user))


class RollBack(GenericAPIView[ModelVersion]):
    """Taking the last change of champion back; answers the version that is champion now."""

    @extend_schema(operation_id="model_versions_roll_back", request=OfProject, responses=ModelVersionRow)
    def post(self, request: ApiRequest) -> Response:
        return _row(request, roll_back(_project(request), by=request.user))


class Retire(GenericAPIView[ModelVersion]):
    """Setting a version aside."""

    @extend_schema(operation_id="model_versions_retire", request=None, responses=ModelVersionRow)
    def post(self, request: ApiRequest, version_id: int) -> Response:
        version = find_version(request.user, version_id)
        if version.project_id is not None:
            require_role(request.user, version.project_id, Role.ADMIN)
        elif not request.user.is_staff:
            raise NotAllowed(_("A version that is offered to every project is retired by the operator."))
        return _row(request, retire(version.project_id, version.pk, by=request.user))


class ChampionChanges(GenericAPIView[ChampionChange]):
    """What was champion of one's projects when, newest first."""

    queryset = ChampionChange.objects.none()
    serializer_class = ChampionChangeRow
    filterset_fields = ("project",)
    ordering_fields = ("id",)
    ordering = ("-id",)

    def get_queryset(self) -> QuerySet[ChampionChange]:
        changes = ChampionChange.objects.filter(project__in=visible_projects(self.request.user))
        return changes.select_related("before", "after", "actor")

    @extend_schema(
        operation_id="champion_changes_list",
        parameters=[OpenApiParameter("project", int)],
        responses=ChampionChangeRow(many=True),
    )
    def get(self, request: ApiRequest) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(ChampionChangeRow(page, many=True).data)


urlpatterns = [
    path("model-versions/roll-back", RollBack.as_view(), name="api-roll-back"),
    path("model-versions/<int:version_id>/promote", Promote.as_view(), name="api-promote"),
    path("model-versions/<int:version_id>/retire", Retire.as_view(), name="api-retire"),
    path("champion-changes", ChampionChanges.as_view(), name="api-champion-changes"),
]
