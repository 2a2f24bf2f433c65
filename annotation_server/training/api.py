"""Training runs over HTTP: list, start, one, its curves, its worst images and their pictures."""

from collections.abc import Sequence
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request as ApiRequest
from rest_framework.response import Response

from annotation_server.annotation.seen import look_at_image
from annotation_server.errors import NotFound
from annotation_server.images.models import Image
from annotation_server.model_registry.models import ModelVersion
from annotation_server.permissions import require_role, visible_projects
from annotation_server.projects.asked_for import project_asked_for
from annotation_server.projects.models import Project, Role
from annotation_server.releases.models import Release
from annotation_server.requests.api import visible_requests
from annotation_server.training.evaluation_jobs import SIDES, bundle_of
from annotation_server.training.metrics import metrics_of
from annotation_server.training.models import ChampionChange, TrainingRun
from annotation_server.training.nightly import Due, decide, next_night
from annotation_server.training.pictures import overlay_picture
from annotation_server.training.serializers import (
    MetricRows,
    NewTrainingRun,
    Outlook,
    StartedRun,
    TrainingRunRow,
    WorstImage,
)
from annotation_server.training.start import start_run


class TrainingRunFilter(django_filters.FilterSet):
    """The filters of the list; there are no others."""

    project = django_filters.NumberFilter("project_id")
    state = django_filters.ChoiceFilter(choices=TrainingRun.State.choices)
    kind = django_filters.ChoiceFilter(choices=TrainingRun.Kind.choices)


def visible_runs(user: Any) -> QuerySet[TrainingRun]:
    """The training runs of one's projects."""
    return TrainingRun.objects.filter(project__in=visible_projects(user)).select_related(
        "release", "started_from", "champion", "candidate", "created_by"
    )


def _rows(request: ApiRequest, runs: Sequence[TrainingRun]) -> list[dict[str, Any]]:
    requests = visible_requests(request.user).in_bulk([run.request_id for run in runs if run.request_id])
    return list(TrainingRunRow(runs, many=True, context={"requests": requests}).data)


def _find(request: ApiRequest, run_id: int) -> TrainingRun:
    run = visible_runs(request.user).filter(pk=run_id).first()
    if run is None:
        raise NotFound(_("There is no such training, or you are not a member of its project."))
    return run


class TrainingRuns(GenericAPIView[TrainingRun]):
    """The training runs of one's projects, newest first."""

    queryset = TrainingRun.objects.none()
    serializer_class = TrainingRunRow
    filterset_class = TrainingRunFilter
    ordering_fields = ["id"]
    ordering = ["-id"]

    def get_queryset(self) -> QuerySet[TrainingRun]:
        return visible_runs(self.request.user).defer("worst")

    @extend_schema(operation_id="training_runs_list", responses=TrainingRunRow(many=True))
    def get(self, request: ApiRequest) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(_rows(request, page or []))

    @extend_schema(operation_id="training_runs_create", request=NewTrainingRun, responses={202: StartedRun})
    def post(self, request: ApiRequest) -> Response:
        asked = NewTrainingRun(data=request.data)
        asked.is_valid(raise_exception=True)
        wanted = asked.validated_data
        require_role(request.user, wanted["project"], Role.ADMIN)
        run = start_run(
            Project.objects.get(pk=wanted["project"]),
            kind=TrainingRun.Kind.MANUAL,
            by=request.user,
            started_from=_version(wanted["started_from"]),
            release=_release(wanted["project"], wanted["release"]),
            options=wanted.get("options"),
        )
        return Response({"training_run": run.pk, "request": run.request_id}, status=202)


def _version(version_id: int | None) -> ModelVersion | None:
    if version_id is None:
        return None
    version = ModelVersion.objects.filter(pk=version_id).first()
    if version is None:
        raise NotFound(_("There is no such model version, or you are not a member of its project."))
    return version


def _release(project_id: int, release_id: int | None) -> Release | None:
    if release_id is None:
        return None
    release = Release.objects.filter(pk=release_id, project_id=project_id).first()
    if release is None:
        raise NotFound(_("There is no such release, or you are not a member of its project."))
    return release


class NightOutlook(GenericAPIView[TrainingRun]):
    """What the coming night will do in a project, and since when it has its champion."""

    @extend_schema(
        operation_id="training_runs_outlook",
        parameters=[OpenApiParameter("project", int, required=True)],
        responses=Outlook,
    )
    def get(self, request: ApiRequest) -> Response:
        project = Project.objects.get(pk=project_asked_for(request, Role.ANNOTATOR))
        decision = decide(project)
        changes = ChampionChange.objects.filter(project=project).select_related("before", "actor")
        told = {
            "retrain_nightly": project.retrain_nightly,
            "new_masks": decision.new_masks,
            "min_masks": project.retrain_min_masks,
            "is_due": isinstance(decision, Due),
            "reason": decision.reason,
            "next_night": next_night() if project.retrain_nightly else None,
            "champion": changes.first(),
        }
        return Response(Outlook(told).data)


class OneTrainingRun(GenericAPIView[TrainingRun]):
    """One training run."""

    @extend_schema(operation_id="training_runs_retrieve", responses=TrainingRunRow)
    def get(self, request: ApiRequest, run_id: int) -> Response:
        return Response(_rows(request, [_find(request, run_id)])[0])


class Metrics(GenericAPIView[TrainingRun]):
    """The log of a training: losses and learning rate by step, at most 1000 rows."""

    @extend_schema(operation_id="training_runs_metrics", responses=MetricRows)
    def get(self, request: ApiRequest, run_id: int) -> Response:
        return Response({"rows": metrics_of(_find(request, run_id))})


class Worst(GenericAPIView[TrainingRun]):
    """The images that the candidate does worst."""

    queryset = TrainingRun.objects.none()
    pagination_class = None

    @extend_schema(operation_id="training_runs_worst", responses=WorstImage(many=True))
    def get(self, request: ApiRequest, run_id: int) -> Response:
        rows = _find(request, run_id).worst
        names = dict(
            Image.objects.filter(pk__in=[row["image"] for row in rows]).values_list("pk", "file_name")
        )
        there = [{**row, "file_name": names[row["image"]]} for row in rows if row["image"] in names]
        return Response(WorstImage(there, many=True).data)


class SidePicture(GenericAPIView[TrainingRun]):
    """An image that both models were judged by, under what is true or what one of them saw."""

    @extend_schema(
        operation_id="training_runs_picture",
        parameters=[OpenApiParameter("side", str, OpenApiParameter.PATH, enum=SIDES)],
        responses={(200, "image/png"): OpenApiTypes.BINARY},
    )
    def get(self, request: ApiRequest, run_id: int, image_id: int, side: str) -> HttpResponse:
        run = _find(request, run_id)
        image = Image.objects.filter(pk=image_id, project_id=run.project_id).first()
        if image is None:
            raise NotFound(_("There is no such image, or you are not a member of its project."))
        content = overlay_picture(
            image,
            bundle_of(run, image_id, side),
            f"{run.folder}/pictures/{image_id}-{side}.png",
            true_key=bundle_of(run, image_id, "truth"),
        )
        look_at_image(request.user, image_id)
        response = HttpResponse(content, content_type="image/png")
        response["Cache-Control"] = "private, max-age=86400"
        return response


urlpatterns = [
    path("training-runs", TrainingRuns.as_view(), name="api-training-runs"),
    path("training-runs/outlook", NightOutlook.as_view(), name="api-training-outlook"),
    path("training-runs/<int:run_id>", OneTrainingRun.as_view(), name="api-training-run"),
    path("training-runs/<int:run_id>/metrics", Metrics.as_view(), name="api-training-metrics"),
    path("training-runs/<int:run_id>/worst", Worst.as_view(), name="api-training-worst"),
    path(
        "training-runs/<int:run_id>/images/<int:image_id>/<str:side>.png",
        SidePicture.as_view(),
        name="api-training-picture",
    ),
]
