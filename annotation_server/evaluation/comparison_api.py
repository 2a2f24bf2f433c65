"""Comparisons of two reports over HTTP: the list, asking for one, one, deleting it."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request as ApiRequest
from rest_framework.response import Response

from annotation_server.errors import NotFound
from annotation_server.evaluation.api import find_report
from annotation_server.evaluation.comparisons import delete_comparison, start_comparison
from annotation_server.evaluation.models import EvaluationComparison
from annotation_server.evaluation.overseen import overseen_projects
from annotation_server.evaluation.serializers import ComparisonRow, NewComparison
from annotation_server.permissions import require_role, visible_projects
from annotation_server.projects.asked_for import project_asked_for
from annotation_server.projects.models import Role


class ComparisonFilter(django_filters.FilterSet):
    """The filters of the list; there are no others."""

    project = django_filters.NumberFilter("project_id")


def _comparisons(**which: Any) -> QuerySet[EvaluationComparison]:
    return EvaluationComparison.objects.filter(**which).select_related("first", "second", "created_by")


class Comparisons(GenericAPIView[EvaluationComparison]):
    """The comparisons of the projects one reviews, newest first."""

    queryset = EvaluationComparison.objects.none()
    serializer_class = ComparisonRow
    filterset_class = ComparisonFilter
    ordering_fields = ["id"]
    ordering = ["-id"]

    def get_queryset(self) -> QuerySet[EvaluationComparison]:
        return _comparisons(project__in=overseen_projects(self.request.user))

    @extend_schema(operation_id="evaluation_comparisons_list", responses=ComparisonRow(many=True))
    def get(self, request: ApiRequest) -> Response:
        if "project" in request.query_params:
            project_asked_for(request, Role.REVIEWER)
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(ComparisonRow(page, many=True).data)

    @extend_schema(
        operation_id="evaluation_comparisons_create",
        request=NewComparison,
        responses={
            202: inline_serializer(
                "StartedComparison",
                {"evaluation_comparison": ComparisonRow(), "request": serializers.IntegerField()},
            )
        },
    )
    def post(self, request: ApiRequest) -> Response:
        asked = NewComparison(data=request.data)
        asked.is_valid(raise_exception=True)
        first, second = (
            find_report(request.user, asked.validated_data[name], Role.CURATOR)
            for name in ("first", "second")
        )
        comparison = start_comparison(first, second, by=request.user)
        return Response(
            {"evaluation_comparison": ComparisonRow(comparison).data, "request": comparison.request_id},
            status=202,
        )


class OneComparison(GenericAPIView[EvaluationComparison]):
    """One comparison."""

    serializer_class = ComparisonRow

    @extend_schema(operation_id="evaluation_comparisons_retrieve", responses=ComparisonRow)
    def get(self, request: ApiRequest, comparison_id: int) -> Response:
        return Response(ComparisonRow(self._found(comparison_id, Role.REVIEWER)).data)

    @extend_schema(operation_id="evaluation_comparisons_delete", responses={204: None})
    def delete(self, request: ApiRequest, comparison_id: int) -> Response:
        delete_comparison(self._found(comparison_id, Role.CURATOR).pk, by=request.user)
        return Response(status=204)

    def _found(self, comparison_id: int, least: Role) -> EvaluationComparison:
        visible = _comparisons(pk=comparison_id, project__in=visible_projects(self.request.user))
        comparison = visible.first()
        if comparison is None:
            raise NotFound(_("There is no such comparison, or you are not a member of its project."))
        require_role(self.request.user, comparison.project_id, least)
        return comparison


urlpatterns = [
    path("evaluation-comparisons", Comparisons.as_view(), name="api-evaluation-comparisons"),
    path(
        "evaluation-comparisons/<int:comparison_id>",
        OneComparison.as_view(),
        name="api-evaluation-comparison",
    ),
]
