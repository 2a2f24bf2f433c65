"""`/api/v1/annotations/{id}/alternatives` and `…/candidates`: what the model sees besides what it painted."""

from typing import Any

from django.http import HttpResponse
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation_server.annotation import alternatives
from annotation_server.annotation.access import find_annotation
from annotation_server.annotation.candidates import ask_for_candidates
from annotation_server.requests.question_api import QuestionAsked, asked

LARGEST_COORDINATE = 1_000_000


class BoxInput(serializers.Serializer[Any]):
    """Where to look: [x, y, width, height] in image px."""

    box = serializers.ListField(
        child=serializers.IntegerField(min_value=-LARGEST_COORDINATE, max_value=LARGEST_COORDINATE),
        min_length=4,
        max_length=4,
    )


class Alternatives(APIView):
    """Every query's mask of a prediction, before painting: gzipped JSON as docs/model.md tells."""

    @extend_schema(
        responses={200: OpenApiTypes.OBJECT, 304: OpenApiResponse(description="Unchanged.")},
        operation_id="annotations_alternatives",
    )
    def get(self, request: Request, annotation_id: int) -> HttpResponse:
        annotation = find_annotation(request.user, annotation_id)
        etag = f'"alternatives-{annotation.pk}"'
        if annotation.alternatives_key and request.headers.get("If-None-Match") == etag:
            response = HttpResponse(status=304)
        else:
            response = HttpResponse(alternatives.read(annotation), content_type="application/json")
            response["Content-Encoding"] = "gzip"
        response["ETag"] = etag
        response["Cache-Control"] = "private, no-cache"
        return response


class Candidates(APIView):
    """Ask the project's model what it sees in a box of the image."""

    @extend_schema(operation_id="annotations_candidates", request=BoxInput, responses={202: QuestionAsked})
    def post(self, request: Request, annotation_id: int) -> Response:
        annotation = find_annotation(request.user, annotation_id)
        given = BoxInput(data=request.data)
        given.is_valid(raise_exception=True)
        x, y, width, height = given.validated_data["box"]
        return asked(ask_for_candidates(request.user, annotation, (x, y, width, height)))


urlpatterns = [
    path("annotations/<int:annotation_id>/alternatives", Alternatives.as_view()),
    path("annotations/<int:annotation_id>/candidates", Candidates.as_view()),
]
