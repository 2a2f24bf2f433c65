"""Handing out the weights of a model version, in our own layout."""

from typing import BinaryIO

from django.conf import settings
from django.http import FileResponse
from django.urls import path
from django.utils.text import slugify
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request as ApiRequest

from annotation_server import media
from annotation_server.errors import NotFound
from annotation_server.model_registry.api import find_version
from annotation_server.model_registry.models import ModelVersion
from annotation_server.model_registry.register import STARTER_FILE, starter_sha256
from annotation_server.permissions import require_role
from annotation_server.projects.models import Role


class Weights(GenericAPIView[ModelVersion]):
    """The checkpoint of a version, as safetensors; a project's own are for its curators and admins."""

    @extend_schema(
        operation_id="model_versions_weights",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: ApiRequest, version_id: int) -> FileResponse:
        version = find_version(request.user, version_id)
        if version.project_id is not None:
            require_role(request.user, version.project_id, Role.CURATOR)
        response = FileResponse(
            _opened(version),
            as_attachment=True,
            filename=f"{slugify(version.name) or 'model'}-{version.checkpoint_sha256[:12]}.safetensors",
            content_type="application/octet-stream",
        )
        if version.size_bytes:
            response["Content-Length"] = str(version.size_bytes)
        response["ETag"] = f'"{version.checkpoint_sha256}"'
        response["Cache-Control"] = "private, no-cache"
        return response


def _opened(version: ModelVersion) -> BinaryIO:
    """The file's content; raises NotFound for a version without weights."""
    if version.checkpoint_key and media.exists(version.checkpoint_key):
        return media.open_stream(version.checkpoint_key)
    if version.checkpoint_sha256 and version.checkpoint_sha256 == starter_sha256():
        return (settings.BASE_DIR / STARTER_FILE).open("rb")
    raise NotFound(_("This version has no weights that could be handed out."))


urlpatterns = [path("model-versions/<int:version_id>/weights", Weights.as_view(), name="api-model-weights")]
