"""Evaluation reports over HTTP: what can be compared, the list, asking for one, one, deleting it."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request as ApiRequest
from rest_framework.response import Response

from annotation_server.errors import NotFound, Refused
from annotation_server.evaluation.choices import choices_of, missing_images
from annotation_server.evaluation.models import EvaluationReport
from annotation_server.evaluation.overseen import overseen_projects
from annotation_server.evaluation.serializers import FullReport, NewReport, ReportOptions, ReportRow
from annotation_server.evaluation.start import delete_report, start_report
from annotation_server.permissions import require_role, visible_projects
from annotation_server.projects.asked_for import project_asked_for
from annotation_server.projects.models import Project, Role
from annotation_server.rendering import NewestFirst
from annotation_server.requests.models import WorkState


class ReportFilter(django_filters.FilterSet):
    """The filters of the list; there are no others."""

    project = django_filters.NumberFilter("project_id")
    state = django_filters.ChoiceFilter(choices=WorkState.choices)


def find_report(user: Any, report_id: int, least: Role = Role.REVIEWER) -> EvaluationReport:
    """The report, if the person may see it; NotFound for strangers, NotAllowed for a role below ``least``."""
    reports = EvaluationReport.objects.filter(pk=report_id, project__in=visible_projects(user))
    report = reports.select_related("project", "created_by").first()
    if report is None:
        raise NotFound(_("There is no such report, or you are not a member of its project."))
    require_role(user, report.project_id, least)
    return report


class Reports(NewestFirst, GenericAPIView[EvaluationReport]):
    """The reports of the projects one reviews, newest first."""

    queryset = EvaluationReport.objects.none()
    serializer_class = ReportRow
    filterset_class = ReportFilter

    def get_queryset(self) -> QuerySet[EvaluationReport]:
        reports = EvaluationReport.objects.filter(project__in=overseen_projects(self.request.user))
        return reports.select_related("created_by").defer("figures")

    @extend_schema(operation_id="evaluation_reports_list", responses=ReportRow(many=True))
    def get(self, request: ApiRequest) -> Response:
        if "project" in request.query_params:
            project_asked_for(request, Role.REVIEWER)
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(ReportRow(page, many=True).data)

    @extend_schema(
        operation_id="evaluation_reports_create",
        request=NewReport,
        responses={
            202: inline_serializer(
                "StartedReport", {"evaluation_report": ReportRow(), "request": serializers.IntegerField()}
            )
        },
    )
    def post(self, request: ApiRequest) -> Response:
        asked = NewReport(data=request.data)
        asked.is_valid(raise_exception=True)
        wanted = asked.validated_data
        require_role(request.user, wanted["project"], Role.CURATOR)
        report = start_report(
            Project.objects.get(pk=wanted["project"]),
            name=wanted["name"].strip(),
            truth=wanted["truth"],
            found=wanted["found"],
            split=wanted["split"],
            options=wanted.get("options") or _default_options(),
            by=request.user,
        )
        return Response(
            {"evaluation_report": ReportRow(report).data, "request": report.request_id}, status=202
        )


def _default_options() -> dict[str, Any]:
    options = ReportOptions(data={})
    options.is_valid(raise_exception=True)
    return dict(options.validated_data)


class Choices(GenericAPIView[EvaluationReport]):
    """The sets of a project that a report may compare."""

    @extend_schema(
        operation_id="evaluation_reports_choices",
        parameters=[OpenApiParameter("project", int, required=True)],
        responses=inline_serializer(
            "EvaluationChoices",
            {
                "splits": serializers.DictField(help_text="Accepted images by split"),
                "models": serializers.ListField(child=serializers.DictField()),
                "releases": serializers.ListField(child=serializers.DictField()),
                "annotators": serializers.ListField(child=serializers.DictField()),
                "uploads": serializers.ListField(child=serializers.DictField()),
                "similarities": serializers.ListField(child=serializers.DictField()),
            },
        ),
    )
    def get(self, request: ApiRequest) -> Response:
        return Response(choices_of(project_asked_for(request, Role.REVIEWER)))


class Missing(GenericAPIView[EvaluationReport]):
    """Accepted images that a model version has no prediction of, to have it pre-annotate them first."""

    @extend_schema(
        operation_id="evaluation_reports_missing",
        parameters=[
            OpenApiParameter("project", int, required=True),
            OpenApiParameter("model_version", int, required=True),
            OpenApiParameter("split", str),
        ],
        responses=inline_serializer(
            "MissingImages", {"images": serializers.ListField(child=serializers.IntegerField())}
        ),
    )
    def get(self, request: ApiRequest) -> Response:
        project_id = project_asked_for(request, Role.REVIEWER)
        version = request.query_params.get("model_version", "")
        if not (version.isascii() and version.isdigit() and len(version) < 19):
            raise Refused(_("Name the model version: ?model_version=1."), code="invalid")
        split = request.query_params.get("split", "")
        return Response({"images": missing_images(project_id, int(version), split)})


class OneReport(GenericAPIView[EvaluationReport]):
    """One report with all its figures."""

    serializer_class = FullReport

    @extend_schema(operation_id="evaluation_reports_retrieve", responses=FullReport)
    def get(self, request: ApiRequest, report_id: int) -> Response:
        return Response(FullReport(find_report(request.user, report_id)).data)

    @extend_schema(operation_id="evaluation_reports_delete", responses={204: None})
    def delete(self, request: ApiRequest, report_id: int) -> Response:
        report = find_report(request.user, report_id, Role.CURATOR)
        delete_report(report.pk, by=request.user)
        return Response(status=204)


urlpatterns = [
    path("evaluation-reports", Reports.as_view(), name="api-evaluation-reports"),
    path("evaluation-reports/choices", Choices.as_view(), name="api-evaluation-choices"),
    path("evaluation-reports/missing", Missing.as_view(), name="api-evaluation-missing"),
    path("evaluation-reports/<int:report_id>", OneReport.as_view(), name="api-evaluation-report"),
]
