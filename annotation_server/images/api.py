"""Images over HTTP: list, upload, one, delete. Their bytes are in serve.py."""

from functools import cached_property
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import path
from django.utils.translation import gettext as _
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.filters import SearchFilter
from rest_framework.generics import GenericAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request as ApiRequest
from rest_framework.response import Response

from annotation_server.errors import NotFound
from annotation_server.images import serve
from annotation_server.images.filters import ImageFilter, ImageOrdering
from annotation_server.images.models import Image, Split
from annotation_server.images.own_work import OwnWork, hidden_work_of
from annotation_server.images.paging import BoundedPages
from annotation_server.images.remove import remove
from annotation_server.images.rows import WORK_STATES, row_of, rows_of, values_of, with_work
from annotation_server.images.set_split import MOST_AT_ONCE, set_split
from annotation_server.images.upload import Taken, offered_by, take
from annotation_server.images.upload_limit import upload_handlers
from annotation_server.permissions import require_role, visible_projects
from annotation_server.projects.models import Project, Role


class ImageRow(serializers.Serializer[Any]):
    """An image as lists show it; masks are never part of it."""

    id = serializers.IntegerField()
    project = serializers.IntegerField()
    file_name = serializers.CharField()
    width = serializers.IntegerField(help_text="px, upright")
    height = serializers.IntegerField(help_text="px, upright")
    checksum = serializers.CharField(help_text="SHA-256 of the uploaded file")
    byte_size = serializers.IntegerField()
    state = serializers.ChoiceField(Image.State.choices)
    error = serializers.CharField()
    split = serializers.ChoiceField(Split.choices, allow_blank=True)
    source = serializers.CharField()  # type: ignore[assignment]
    licence = serializers.CharField()
    created_at = serializers.DateTimeField()
    work_state = serializers.ChoiceField(WORK_STATES)
    coverage = serializers.FloatField(allow_null=True, help_text="Share of pixels that bear an entity")
    entities = serializers.IntegerField(allow_null=True)
    annotator = serializers.CharField(allow_null=True)
    assignment = serializers.IntegerField(allow_null=True)
    annotation = serializers.IntegerField(allow_null=True, help_text="The person's, else the prediction")
    prediction = serializers.IntegerField(allow_null=True)
    changed_at = serializers.DateTimeField(allow_null=True, help_text="Last saved")
    agreement = serializers.FloatField(
        allow_null=True, help_text="0 to 1, with another annotation of the image, else with its prediction"
    )
    score = serializers.FloatField(allow_null=True, help_text="Mean score of the newest prediction, 0 to 1")
    open_comments = serializers.IntegerField()
    thumbnail_url = serializers.CharField(allow_null=True)
    dzi_url = serializers.CharField(allow_null=True)


_UPLOAD = inline_serializer(
    "ImageUpload",
    {"project": serializers.IntegerField(), "files": serializers.ListField(child=serializers.FileField())},
)
_REFUSED = inline_serializer(
    "RefusedFile",
    {"file_name": serializers.CharField(), "error": serializers.CharField(), "code": serializers.CharField()},
    many=True,
)
_UPLOADED = inline_serializer(
    "UploadedImages",
    {
        "accepted": ImageRow(many=True),
        "refused": _REFUSED,
        "request": serializers.IntegerField(allow_null=True),
    },
)


class Images(GenericAPIView[Image]):
    """The images of one's projects."""

    queryset = Image.objects.none()
    serializer_class = ImageRow
    filterset_class = ImageFilter
    search_fields = ["file_name"]
    filter_backends = [DjangoFilterBackend, SearchFilter, ImageOrdering]
    pagination_class = BoundedPages
    parser_classes = [MultiPartParser]

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> ApiRequest:
        """Set the upload handlers before log-in by session: its CSRF check already reads the form."""
        if request.method == "POST":
            request.upload_handlers = upload_handlers(request, settings.MAX_UPLOAD_BYTES)
        return super().initialize_request(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Image]:
        images = Image.objects.filter(project__in=visible_projects(self.request.user))
        return with_work(images, self._own)

    @cached_property
    def _own(self) -> OwnWork:
        return hidden_work_of(self.request.user)

    @extend_schema(operation_id="images_list", responses=ImageRow(many=True))
    def get(self, request: ApiRequest) -> Response:
        images = self.filter_queryset(self.get_queryset())
        # First which images, by as few joins as the filters need; then everything about those few.
        ids = list(self.paginate_queryset(images.values_list("pk", flat=True)) or [])
        rows = rows_of(values_of(with_work(Image.objects.filter(pk__in=ids), self._own)), self._own)
        by_id = {row["id"]: row for row in rows}
        return self.get_paginated_response([by_id[pk] for pk in ids if pk in by_id])

    @extend_schema(operation_id="images_upload", request=_UPLOAD, responses={201: _UPLOADED})
    def post(self, request: ApiRequest) -> Response:
        project = _project(request.POST.get("project"))
        require_role(request.user, project, Role.CURATOR)
        files = request.FILES.getlist("files")
        if not files:
            raise ValidationError({"files": [_("Choose at least one picture.")]})
        taken = take(Project.objects.get(pk=project), map(offered_by, files), by=request.user)
        return Response(_answer(taken), status=201)


def _project(text: Any) -> int:
    try:
        return int(text)
    except (TypeError, ValueError):
        raise ValidationError({"project": [_("Say which project by its number.")]}) from None


def _answer(taken: Taken) -> dict[str, Any]:
    ids = [image.pk for image in taken.accepted]
    return {
        "accepted": rows_of(values_of(with_work(Image.objects.filter(pk__in=ids)).order_by("id"))),
        "refused": [
            {"file_name": name, "error": refusal.sentence, "code": refusal.code, **refusal.details}
            for name, refusal in taken.refused
        ],
        "request": taken.request.pk if taken.request else None,
    }


class OneImage(GenericAPIView[Image]):
    """One image."""

    serializer_class = ImageRow

    def find(self, request: ApiRequest, image_id: int) -> Image:
        """The image, if the person is a member of its project."""
        image = Image.objects.filter(pk=image_id, project__in=visible_projects(request.user)).first()
        if image is None:
            raise NotFound(_("There is no such image, or you are not a member of its project."))
        return image

    @extend_schema(operation_id="images_retrieve", responses=ImageRow)
    def get(self, request: ApiRequest, image_id: int) -> Response:
        return Response(row_of(self.find(request, image_id).pk, hidden_work_of(request.user)))

    @extend_schema(operation_id="images_delete", responses={204: None})
    def delete(self, request: ApiRequest, image_id: int) -> Response:
        image = self.find(request, image_id)
        require_role(request.user, image.project_id, Role.ADMIN)
        remove(image, by=request.user)
        return Response(status=204)


class SplitInput(serializers.Serializer[Any]):
    """Which images come to lie in which split."""

    project = serializers.IntegerField()
    images = serializers.ListField(
        child=serializers.IntegerField(min_value=1), min_length=1, max_length=MOST_AT_ONCE
    )
    split = serializers.ChoiceField(Split.choices)


class SplitAnswer(serializers.Serializer[Any]):
    """How many images got the split, and how many keep the one they have."""

    changed = serializers.IntegerField()
    kept = serializers.IntegerField()


class SetSplit(GenericAPIView[Image]):
    """Put images that have no split yet into one, for ever; curators and above."""

    serializer_class = SplitInput

    @extend_schema(operation_id="images_set_split", responses=SplitAnswer)
    def post(self, request: ApiRequest) -> Response:
        given = SplitInput(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = given.validated_data
        changed = set_split(request.user, wanted["project"], wanted["images"], wanted["split"])
        return Response(SplitAnswer({"changed": changed, "kept": len(set(wanted["images"])) - changed}).data)


urlpatterns = [
    path("images", Images.as_view(), name="api-images"),
    path("images/split", SetSplit.as_view(), name="api-images-split"),
    path("images/<int:image_id>", OneImage.as_view(), name="api-image"),
    path("images/<int:image_id>/thumbnail", serve.Thumbnail.as_view(), name="api-image-thumbnail"),
    path("images/<int:image_id>/image.dzi", serve.Descriptor.as_view(), name="api-image-dzi"),
    path(
        "images/<int:image_id>/image_files/<int:level>/<int:column>_<int:row>.jpg",
        serve.Tile.as_view(),
        name="api-image-tile",
    ),
    path("images/<int:image_id>/file", serve.File.as_view(), name="api-image-file"),
]
