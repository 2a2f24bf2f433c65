"""`/api/v1/studies/{id}/…`: having a report worked out, the report, its images and their pictures."""

import json
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError
from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request as ApiRequest
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation_server import media
from annotation_server.accounts.models import User
from annotation_server.annotation.seen import look_at_image
from annotation_server.consistency import protocol
from annotation_server.consistency.figures import disagreements_of, drawn_maps
from annotation_server.consistency.models import Study, StudyImage
from annotation_server.consistency.pictures import KIND_COLOURS, disagreement_picture, place_picture
from annotation_server.consistency.report import image_row, image_rows, people_of
from annotation_server.consistency.report_csv import report_csv
from annotation_server.consistency.serializers import StudyRow
from annotation_server.consistency.work_out import has_work, work_out
from annotation_server.errors import Conflict, NotFound
from annotation_server.projects.models import Role
from annotation_server.segmentation.disagreement import Disagreement

ORDERINGS = ("pq", "f1", "ap", "covering", "image")
ORDERING = OpenApiParameter("ordering", str, description="pq, f1, ap, covering or image; - turns it round")


class Close(APIView):
    """End a study and have its report worked out; admins."""

    @extend_schema(operation_id="studies_close", request=None, responses=StudyRow)
    def post(self, request: ApiRequest, study_id: int) -> Response:
        study = protocol.close_study(request.user, study_id)
        if has_work(study):
            work_out(request.user, study_id)
        return Response(StudyRow(protocol.find_study(request.user, study_id)).data)


class WorkOut(APIView):
    """Have the report worked out; while a study runs it tells of what is done so far. Admins."""

    @extend_schema(operation_id="studies_work_out", request=None, responses={202: OpenApiTypes.OBJECT})
    def post(self, request: ApiRequest, study_id: int) -> Response:
        made = work_out(request.user, study_id)
        row = StudyRow(protocol.find_study(request.user, study_id)).data
        return Response({"study": row, "request": made.pk}, status=202)


class Report(APIView):
    """The report with the names of people and files; while a study runs, for admins only."""

    @extend_schema(operation_id="studies_report", responses=OpenApiTypes.OBJECT)
    def get(self, request: ApiRequest, study_id: int) -> Response:
        study = _with_report(request, study_id)
        report = json.loads(_content(study))
        people = User.objects.in_bulk(people_of(study))
        names = {number: people[pk].username for number, pk in enumerate(sorted(people), 1)}
        for row in report["drift"]:
            row["annotator"] = names.get(row["annotator"], str(row["annotator"]))
        if study.state != Study.State.CLOSED:
            report["worst"] = []  # which images they are stays hidden until everybody has drawn
        _add_file_names(study, report["worst"])
        return Response({**report, "sha256": study.report_sha256})


class ReportJson(APIView):
    """The report as it is published with releases."""

    @extend_schema(operation_id="studies_report_json", responses=OpenApiTypes.OBJECT)
    def get(self, request: ApiRequest, study_id: int) -> HttpResponse:
        study = _closed(_with_report(request, study_id))
        return _file(study, _content(study), "json", "application/json")


class ReportCsv(APIView):
    """The report's matrices, one line a figure."""

    @extend_schema(
        operation_id="studies_report_csv", responses=OpenApiResponse(OpenApiTypes.STR, description="CSV")
    )
    def get(self, request: ApiRequest, study_id: int) -> HttpResponse:
        study = _closed(_with_report(request, study_id))
        content = report_csv(json.loads(_content(study))).encode()
        return _file(study, content, "csv", "text/csv; charset=utf-8")


def _file(study: Study, content: bytes, ending: str, content_type: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["ETag"] = f'"{study.report_sha256}.{ending}"'
    response["Content-Disposition"] = f'attachment; filename="consistency-{study.pk}.{ending}"'
    return response


class Images(GenericAPIView[StudyImage]):
    """The images of a closed study that count, worst agreement first."""

    queryset = StudyImage.objects.none()
    filter_backends = ()

    @extend_schema(operation_id="studies_images", parameters=[ORDERING], responses=OpenApiTypes.OBJECT)
    def get(self, request: ApiRequest, study_id: int) -> Response:
        study = _closed(protocol.find_study(request.user, study_id))
        asked = request.query_params.get("ordering", "pq")
        name = asked.removeprefix("-") if asked.removeprefix("-") in ORDERINGS else "pq"
        rows = image_rows(study)
        rows.sort(key=lambda row: (row[name] is None, row[name] or 0, row["image"]))
        if asked.startswith("-"):
            rows.reverse()
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(_add_file_names(study, list(page or ())))


class OneImage(APIView):
    """One image of a closed study: who drew it, and every disagreement between each two of them."""

    @extend_schema(operation_id="studies_image", responses=OpenApiTypes.OBJECT)
    def get(self, request: ApiRequest, study_id: int, image_id: int) -> Response:
        one = _find_image(request, study_id, image_id)
        drawn = drawn_maps(one)
        people = User.objects.in_bulk({person.annotator_id for person in drawn.values()})
        row = image_row(one.image_id, one.figures["agreement"], one.figures["kinds"])
        _add_file_names(one.study, [row])
        return Response(
            {
                **row,
                "width": one.image.width,
                "height": one.image.height,
                "annotations": [
                    {
                        "place": place,
                        "annotation": person.annotation.pk,
                        "annotator": people[person.annotator_id].username,
                    }
                    for place, person in drawn.items()
                ],
                "disagreements": [
                    {"places": [a, b], **told(found)}
                    for a in drawn
                    for b in drawn
                    if a < b
                    for found in disagreements_of(one, (a, b))
                ],
                "colours": KIND_COLOURS,
            }
        )


class PlacePicture(APIView):
    """The image under one person's map."""

    @extend_schema(operation_id="studies_place_picture", responses={(200, "image/png"): OpenApiTypes.BINARY})
    def get(self, request: ApiRequest, study_id: int, image_id: int, place: int) -> HttpResponse:
        one = _find_image(request, study_id, image_id)
        _require_places(one, place)
        return _picture(request, f"{one.figures['inputs']}.{place}", lambda: place_picture(one, place))


class DisagreementPicture(APIView):
    """The image under what two people disagree on."""

    @extend_schema(
        operation_id="studies_disagreement_picture", responses={(200, "image/png"): OpenApiTypes.BINARY}
    )
    def get(self, request: ApiRequest, study_id: int, image_id: int, place: int, other: int) -> HttpResponse:
        one = _find_image(request, study_id, image_id)
        _require_places(one, place, other)
        tag = f"{one.figures['inputs']}.{place}-{other}"
        return _picture(request, tag, lambda: disagreement_picture(one, (place, other)))


def _require_places(one: StudyImage, *places: int) -> None:
    if set(places) - drawn_maps(one).keys() or len(set(places)) < len(places):
        raise NotFound(_("Nobody drew this image in that place."))


def _picture(request: ApiRequest, tag: str, paint: Callable[[], bytes]) -> HttpResponse:
    etag = f'"{tag}"'
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(paint(), content_type="image/png")
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return response


def told(found: Disagreement) -> dict[str, Any]:
    """A disagreement as JSON."""
    return {
        "kind": found.kind,
        "a": list(found.a),
        "b": list(found.b),
        "iou": found.iou,
        "box": list(found.box),
        "px": found.px,
    }


def _with_report(request: ApiRequest, study_id: int) -> Study:
    study = protocol.find_study(request.user, study_id)
    if study.state != Study.State.CLOSED:
        protocol.find_study(request.user, study_id, Role.ADMIN)
    if not study.report_sha256:
        raise NotFound(_("The report of this study is not worked out yet."), code="no_report")
    return study


def _closed(study: Study) -> Study:
    """Nobody sees what was drawn while there are people who may still draw it."""
    if study.state != Study.State.CLOSED:
        raise Conflict(
            _("The images of a study are shown when it is closed, so that everybody draws them blind."),
            code="study_open",
        )
    return study


def _content(study: Study) -> bytes:
    try:
        return media.read(study.report_key)
    except (FileNotFoundError, ClientError):
        raise NotFound(_("The report's file is gone. Have it worked out again."), code="no_report") from None


def _find_image(request: ApiRequest, study_id: int, image_id: int) -> StudyImage:
    study = _closed(protocol.find_study(request.user, study_id))
    rows = StudyImage.objects.select_related("study", "image", "first__assignment")
    one = rows.filter(study=study, image=image_id).first()
    if one is None or not one.figures.get("pairs"):
        raise NotFound(_("This study has no such image, or nobody drew it again."))
    look_at_image(request.user, image_id)
    return one


def _add_file_names(study: Study, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    ids = [row["image"] for row in rows]
    names = dict(study.images.filter(image__in=ids).values_list("image", "image__file_name"))
    for row in rows:
        row["file_name"] = names.get(row["image"], "")
        row["thumbnail_url"] = f"/api/v1/images/{row['image']}/thumbnail"
    return rows


_IMAGE = "studies/<int:study_id>/images/<int:image_id>"
urlpatterns = [
    path("studies/<int:study_id>/close", Close.as_view()),
    path("studies/<int:study_id>/work-out", WorkOut.as_view()),
    path("studies/<int:study_id>/report", Report.as_view()),
    path("studies/<int:study_id>/report.json", ReportJson.as_view()),
    path("studies/<int:study_id>/report.csv", ReportCsv.as_view()),
    path("studies/<int:study_id>/images", Images.as_view()),
    path(_IMAGE, OneImage.as_view()),
    path(f"{_IMAGE}/<int:place>.png", PlacePicture.as_view()),
    path(f"{_IMAGE}/<int:place>-<int:other>.png", DisagreementPicture.as_view()),
]
