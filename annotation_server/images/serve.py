"""The bytes of an image: tiles, thumbnail, descriptor and the picture itself, for members only."""

from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.http import parse_etags
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request as ApiRequest
from rest_framework.views import APIView

from annotation_server import media
from annotation_server.errors import NotFound, NotReady
from annotation_server.images.models import Image
from annotation_server.images.pyramid import OVERLAP, TILE
from annotation_server.images.szi import read_tile
from annotation_server.permissions import visible_projects

# Keys of an image's files never come to hold other bytes, so whoever has a tile may keep it.
KEEP = "private, max-age=31536000, immutable"
MIME = {"jpg": "image/jpeg", "png": "image/png"}
DESCRIPTOR = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<Image xmlns="http://schemas.microsoft.com/deepzoom/2008" Format="jpg" Overlap="{overlap}" '
    'TileSize="{tile}"><Size Width="{width}" Height="{height}"/></Image>\n'
)


class AnyAccepted(BaseContentNegotiation):
    """A file has the one type it has, whatever the browser would prefer."""

    def select_parser(self, request: ApiRequest, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: ApiRequest, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class _ImageBytes(APIView):
    """What the four addresses share: membership, readiness, ETag."""

    content_negotiation_class = AnyAccepted

    def find(self, request: ApiRequest, image_id: int) -> Image:
        """The ready image, if the person is a member of its project; one query."""
        image = (
            Image.objects.filter(pk=image_id, project__in=visible_projects(request.user))
            .only("state", "file_key", "file_name", "width", "height", "error")
            .first()
        )
        if image is None:
            raise NotFound(_("There is no such image, or you are not a member of its project."))
        if image.state != Image.State.READY:
            raise NotReady(image.error or _("This image is still being prepared. Try again in a moment."))
        return image


def _answer(request: HttpRequest | ApiRequest, etag: str, mime: str, read: Any) -> HttpResponse:
    """304 if the browser has it already, else the bytes that ``read`` gives."""
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(read(), content_type=mime)
    response["ETag"] = etag
    response["Cache-Control"] = KEEP
    return response


def _version(image: Image) -> str:
    """What changes exactly when the image's files do."""
    return image.file_key.split("/")[-2]


_JPEG = {(200, "image/jpeg"): OpenApiTypes.BINARY, 304: OpenApiResponse(description="Unchanged.")}


class Tile(_ImageBytes):
    """One tile of the deep-zoom pyramid."""

    @extend_schema(operation_id="images_tile", responses=_JPEG)
    def get(self, request: ApiRequest, image_id: int, level: int, column: int, row: int) -> HttpResponse:
        image = self.find(request, image_id)
        etag = f'"{_version(image)}-{level}-{column}-{row}"'
        return _answer(request, etag, "image/jpeg", lambda: _tile(image, level, column, row))


def _tile(image: Image, level: int, column: int, row: int) -> bytes:
    tile = read_tile(image.pyramid_key, level, column, row)
    if tile is None:
        raise NotFound(
            _("The pyramid of this image has no tile %(level)s/%(column)s_%(row)s.")
            % {"level": level, "column": column, "row": row}
        )
    return tile


class Thumbnail(_ImageBytes):
    """The image in at most 512 × 512 px."""

    @extend_schema(operation_id="images_thumbnail", responses=_JPEG)
    def get(self, request: ApiRequest, image_id: int) -> HttpResponse:
        image = self.find(request, image_id)
        return _answer(
            request, f'"{_version(image)}-thumbnail"', "image/jpeg", lambda: media.read(image.thumbnail_key)
        )


class Descriptor(_ImageBytes):
    """What a deep-zoom viewer asks first: size and tile size."""

    @extend_schema(operation_id="images_dzi", responses={(200, "application/xml"): OpenApiTypes.STR})
    def get(self, request: ApiRequest, image_id: int) -> HttpResponse:
        image = self.find(request, image_id)
        text = DESCRIPTOR.format(overlap=OVERLAP, tile=TILE, width=image.width, height=image.height)
        response = HttpResponse(text, content_type="application/xml")
        response["Cache-Control"] = "private, no-cache"
        return response


class File(_ImageBytes):
    """The normalised picture, as a download."""

    @extend_schema(operation_id="images_file", responses={(200, "image/*"): OpenApiTypes.BINARY})
    def get(self, request: ApiRequest, image_id: int) -> HttpResponseBase:
        image = self.find(request, image_id)
        ending = image.file_key.rpartition(".")[2]
        stem = image.file_name.rpartition(".")[0] or image.file_name
        response = FileResponse(
            media.open_stream(image.file_key),
            as_attachment=True,
            filename=f"{stem}.{ending}",
            content_type=MIME[ending],
        )
        response["Content-Length"] = str(media.size(image.file_key))
        response["Cache-Control"] = "private, no-cache"
        return response
