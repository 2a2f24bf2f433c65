"""A report's images over HTTP: their figures, each one's detail, its pictures."""

from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request as ApiRequest
from rest_framework.response import Response

from annotation_server.annotation.seen import look_at_image
from annotation_server.errors import Conflict, NotFound
from annotation_server.evaluation.api import find_report
from annotation_server.evaluation.image_detail import image_detail
from annotation_server.evaluation.image_rows import ORDERINGS, image_rows
from annotation_server.evaluation.models import EvaluationReport
from annotation_server.evaluation.pictures import PICTURES, report_picture
from annotation_server.evaluation.serializers import ImageDetail, MeasuredImage
from annotation_server.images.models import Image
from annotation_server.requests.models import WorkState


def find_finished(user: Any, report_id: int) -> EvaluationReport:
    """The report, if the person may see it and its figures are there; raises Conflict where they are not."""
    report = find_report(user, report_id)
    if report.state != WorkState.SUCCEEDED:
        raise Conflict(
            _("This report has no figures yet. Its state: %(state)s.")
            % {"state": _(report.get_state_display())},
            code="not_finished",
        )
    return report


class ReportImages(GenericAPIView[EvaluationReport]):
    """The figures of a report's images, the worst first or as one orders them."""

    queryset = EvaluationReport.objects.none()
    filter_backends = []

    @extend_schema(
        operation_id="evaluation_reports_images",
        parameters=[
            OpenApiParameter("ordering", str, enum=[*ORDERINGS, *(f"-{name}" for name in ORDERINGS)])
        ],
        responses=MeasuredImage(many=True),
    )
    def get(self, request: ApiRequest, report_id: int) -> Response:
        report = find_finished(request.user, report_id)
        rows = image_rows(report, request.query_params.get("ordering", "ap"))
        page = self.paginator.paginate_queryset(rows, request, view=self)  # type: ignore[union-attr]
        return self.get_paginated_response(page)


class ReportImage(GenericAPIView[EvaluationReport]):
    """Every entity of an image of a report, and what became of it."""

    @extend_schema(operation_id="evaluation_reports_image", responses=ImageDetail)
    def get(self, request: ApiRequest, report_id: int, image_id: int) -> Response:
        report = find_finished(request.user, report_id)
        detail = image_detail(report, image_id)
        look_at_image(request.user, image_id)
        return Response(detail)


class ReportPicture(GenericAPIView[EvaluationReport]):
    """An image of a report under its true masks, under what was found, or under what is wrong."""

    @extend_schema(
        operation_id="evaluation_reports_picture",
        parameters=[OpenApiParameter("side", str, OpenApiParameter.PATH, enum=PICTURES)],
        responses={(200, "image/png"): OpenApiTypes.BINARY},
    )
    def get(self, request: ApiRequest, report_id: int, image_id: int, side: str) -> HttpResponse:
        report = find_finished(request.user, report_id)
        image = Image.objects.filter(pk=image_id, project_id=report.project_id).first()
        if image is None or side not in PICTURES:
            raise NotFound(_("There is no such picture in this report."))
        content = report_picture(report, image, side)
        look_at_image(request.user, image_id)
        response = HttpResponse(content, content_type="image/png")
        response["Cache-Control"] = "private, max-age=86400"
        return response


urlpatterns = [
    path("evaluation-reports/<int:report_id>/images", ReportImages.as_view(), name="api-evaluation-images"),
    path(
        "evaluation-reports/<int:report_id>/images/<int:image_id>",
        ReportImage.as_view(),
        name="api-evaluation-image",
    ),
    path(
        "evaluation-reports/<int:report_id>/images/<int:image_id>/<str:side>.png",
        ReportPicture.as_view(),
        name="api-evaluation-picture",
    ),
]
