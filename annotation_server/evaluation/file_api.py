"""A report's files over HTTP: all figures as JSON and CSV, its frozen inputs, its plots."""

from typing import Any

from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request as ApiRequest

from annotation_server import media
from annotation_server.errors import NotFound
from annotation_server.evaluation.image_api import find_finished
from annotation_server.evaluation.models import EvaluationReport
from annotation_server.evaluation.plots import PLOTS, report_plot
from annotation_server.evaluation.sum_up import csv_key, report_key
from annotation_server.plot_files import FORMATS

JSON, CSV = "application/json", "text/csv; charset=utf-8"
FILES = ("report.json", "report.csv", "images.csv", "inputs.json")
PICTURE_TYPES = {"png": "image/png", "svg": "image/svg+xml"}


class ReportFile(GenericAPIView[EvaluationReport]):
    """A report as a file: the same inputs give the same bytes."""

    @extend_schema(
        operation_id="evaluation_reports_file",
        parameters=[OpenApiParameter("file", str, OpenApiParameter.PATH, enum=FILES)],
        responses={(200, JSON): OpenApiTypes.BINARY, (200, "text/csv"): OpenApiTypes.BINARY},
    )
    def get(self, request: ApiRequest, report_id: int, file: str) -> HttpResponseBase:
        report = find_finished(request.user, report_id)
        if file not in FILES:
            raise NotFound(_("There is no such thing here, or you are not a member of its project."))
        keys = {
            "report.json": report_key(report),
            "report.csv": csv_key(report, "report"),
            "images.csv": csv_key(report, "images"),
            "inputs.json": report.inputs_key,
        }
        response = FileResponse(
            media.open_stream(keys[file]),
            as_attachment=True,
            filename=f"report-{report.pk}-{file}",
            content_type=CSV if file.endswith(".csv") else JSON,
        )
        response["Content-Length"] = str(media.size(keys[file]))
        return _kept(response, report)


class ReportPlot(GenericAPIView[EvaluationReport]):
    """A plot of a report; SVG comes as an attachment, for it is a document of its own."""

    @extend_schema(
        operation_id="evaluation_reports_plot",
        parameters=[
            OpenApiParameter("plot", str, OpenApiParameter.PATH, enum=list(PLOTS)),
            OpenApiParameter("kind", str, OpenApiParameter.PATH, enum=FORMATS),
        ],
        responses={
            (200, "image/png"): OpenApiTypes.BINARY,
            (200, "image/svg+xml"): OpenApiTypes.BINARY,
        },
    )
    def get(self, request: ApiRequest, report_id: int, plot: str, kind: str) -> HttpResponseBase:
        report = find_finished(request.user, report_id)
        content = report_plot(report, plot, kind)
        response = HttpResponse(content, content_type=PICTURE_TYPES[kind])
        disposition = "attachment" if kind == "svg" else "inline"
        response["Content-Disposition"] = f'{disposition}; filename="report-{report.pk}-{plot}.{kind}"'
        return _kept(response, report)


def _kept(response: Any, report: EvaluationReport) -> HttpResponseBase:
    response["ETag"] = f'"{report.inputs_sha256}"'
    response["Cache-Control"] = "private, no-cache"
    return response


urlpatterns = [
    path(
        "evaluation-reports/<int:report_id>/plots/<str:plot>.<str:kind>",
        ReportPlot.as_view(),
        name="api-evaluation-plot",
    ),
    path("evaluation-reports/<int:report_id>/<str:file>", ReportFile.as_view(), name="api-evaluation-file"),
]
