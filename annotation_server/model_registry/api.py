"""Model versions over HTTP, and asking one to pre-annotate."""

from collections.abc import Sequence
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request as ApiRequest
from rest_framework.response import Response

from annotation_server.errors import NotFound
from annotation_server.model_registry.models import ModelVersion
from annotation_server.model_registry.predict import predict
from annotation_server.model_registry.register import card_of
from annotation_server.permissions import require_role, visible_projects
from annotation_server.projects.models import Role
from annotation_server.rendering import NewestFirst
from annotation_server.requests.kept_sentences import said


class ModelVersionRow(serializers.ModelSerializer[ModelVersion]):
    """Weights, where they come from, what they score and what they are used for."""

    origin = serializers.SerializerMethodField(help_text="Where the weights come from, in a sentence")
    trained_by = serializers.SerializerMethodField(help_text="The training run it came from, or null")
    is_champion_of = serializers.SerializerMethodField(help_text="Those of one's projects it proposes in")
    card = serializers.SerializerMethodField(help_text="Its model card (Markdown), or empty")

    class Meta:
        model = ModelVersion
        fields = (
            *("id", "project", "name", "architecture", "stage", "origin"),
            *("checkpoint_sha256", "config", "parameters", "size_bytes", "figures"),
            *("trained_by", "is_champion_of", "card", "created_at"),
        )

    def get_origin(self, version: ModelVersion) -> str:
        return said(version.origin)

    def get_trained_by(self, version: ModelVersion) -> int | None:
        run = getattr(version, "trained_by", None)
        return run.pk if run else None

    def get_card(self, version: ModelVersion) -> str:
        return card_of(version)

    def get_is_champion_of(self, version: ModelVersion) -> list[int]:
        if version.stage != ModelVersion.Stage.CHAMPION:
            return []
        if version.project_id is not None:
            return [version.project_id]
        own = ModelVersion.objects.filter(stage=ModelVersion.Stage.CHAMPION, project__isnull=False)
        without = visible_projects(self.context["user"]).exclude(pk__in=own.values("project_id"))
        return list(without.order_by("pk").values_list("pk", flat=True))


class ModelVersionFilter(django_filters.FilterSet):
    """The filters of the list; a project's list holds the shared versions too."""

    project = django_filters.NumberFilter(method="of_project")
    stage = django_filters.ChoiceFilter(choices=ModelVersion.Stage.choices)

    def of_project(self, versions: QuerySet[ModelVersion], name: str, value: Any) -> QuerySet[ModelVersion]:
        return versions.filter(Q(project_id=value) | Q(project=None))


def visible_versions(user: Any) -> QuerySet[ModelVersion]:
    """The shared versions and those of one's projects."""
    versions = ModelVersion.objects.filter(Q(project=None) | Q(project__in=visible_projects(user)))
    return versions.select_related("trained_by")


def rows(request: ApiRequest, versions: Sequence[ModelVersion]) -> list[dict[str, Any]]:
    """Versions as the API tells of them to this person."""
    return list(ModelVersionRow(versions, many=True, context={"user": request.user}).data)


def find_version(user: Any, version_id: int) -> ModelVersion:
    """The version, if the person may know of it; raises NotFound otherwise."""
    version = visible_versions(user).filter(pk=version_id).first()
    if version is None:
        raise NotFound(_("There is no such model version, or you are not a member of its project."))
    return version


class ModelVersions(NewestFirst, GenericAPIView[ModelVersion]):
    """The model versions one may use, newest first."""

    queryset = ModelVersion.objects.none()
    serializer_class = ModelVersionRow
    filterset_class = ModelVersionFilter

    def get_queryset(self) -> QuerySet[ModelVersion]:
        return visible_versions(self.request.user)

    @extend_schema(operation_id="model_versions_list", responses=ModelVersionRow(many=True))
    def get(self, request: ApiRequest) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(rows(request, page or []))


class OneModelVersion(GenericAPIView[ModelVersion]):
    """One model version."""

    serializer_class = ModelVersionRow

    @extend_schema(operation_id="model_versions_retrieve", responses=ModelVersionRow)
    def get(self, request: ApiRequest, version_id: int) -> Response:
        return Response(rows(request, [find_version(request.user, version_id)])[0])


class PredictRequest(serializers.Serializer[Any]):
    """Which images to predict."""

    project = serializers.IntegerField()
    images = serializers.ListField(
        child=serializers.IntegerField(),
        required=False,
        allow_null=True,
        default=None,
        help_text="Left out: all that nobody has begun and no model has predicted.",
    )


class Predict(GenericAPIView[ModelVersion]):
    """Asking a model version to pre-annotate images."""

    serializer_class = PredictRequest

    @extend_schema(
        operation_id="model_versions_predict",
        request=PredictRequest,
        responses={202: inline_serializer("PredictStarted", {"request": serializers.IntegerField()})},
    )
    def post(self, request: ApiRequest, version_id: int) -> Response:
        wanted = PredictRequest(data=request.data)
        wanted.is_valid(raise_exception=True)
        project_id, images = wanted.validated_data["project"], wanted.validated_data["images"]
        require_role(request.user, project_id, Role.CURATOR)
        version = find_version(request.user, version_id)
        if version.project_id not in {None, project_id}:
            raise NotFound(_("This model version belongs to another project."))
        started = predict(project_id, version, images, by=request.user)
        return Response({"request": started.pk}, status=202)


urlpatterns = [
    path("model-versions", ModelVersions.as_view(), name="api-model-versions"),
    path("model-versions/<int:version_id>", OneModelVersion.as_view(), name="api-model-version"),
    path("model-versions/<int:version_id>/predict", Predict.as_view(), name="api-predict"),
]
