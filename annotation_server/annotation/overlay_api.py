"""`/api/v1/annotations/{id}/overlay`: the masks as a small picture, to be laid over a thumbnail."""

from django.http import HttpResponse
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from annotation_server.annotation.label_maps import read_map
from annotation_server.annotation.seen import look_at
from annotation_server.segmentation.overlay import overlay_png

_KEPT_S = 3600


class Overlay(APIView):
    """Every entity in its colour, unlabelled pixels transparent; at most 320 px a side."""

    @extend_schema(operation_id="annotations_overlay", responses={(200, "image/png"): OpenApiTypes.BINARY})
    def get(self, request: Request, annotation_id: int) -> HttpResponse:
        annotation = look_at(request.user, annotation_id)
        etag = f'"{annotation.map_sha256}.{annotation.revision_number}"'
        if request.headers.get("If-None-Match") == etag:
            response = HttpResponse(status=304)
        else:
            colours = dict(annotation.masks.filter(area__gt=0).values_list("number", "colour"))
            response = HttpResponse(overlay_png(read_map(annotation.pk), colours), content_type="image/png")
        response["ETag"] = etag
        # The page asks with the time of the last change, so that an old picture is never shown for a new one.
        response["Cache-Control"] = f"private, max-age={_KEPT_S}"
        return response


urlpatterns = [path("annotations/<int:annotation_id>/overlay", Overlay.as_view())]
