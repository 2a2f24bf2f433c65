"""Importing a published checkpoint over HTTP."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request as ApiRequest
from rest_framework.response import Response

from annotation_server.images.upload import offered_by
from annotation_server.images.upload_limit import upload_handlers
from annotation_server.model_registry.importing import begin_import
from annotation_server.model_registry.models import ModelVersion
from annotation_server.permissions import require_role
from annotation_server.projects.models import Role


class ImportRequest(serializers.Serializer[Any]):
    """A checkpoint: published `.pth` or `.safetensors`, or one of ours."""

    project = serializers.IntegerField()
    name = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    file = serializers.FileField(
        allow_empty_file=True, error_messages={"required": _("Choose a checkpoint.")}
    )


class ImportModel(GenericAPIView[ModelVersion]):
    """Importing weights as a candidate of a project."""

    serializer_class = ImportRequest
    parser_classes = [MultiPartParser]

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> ApiRequest:
        """Set the upload handlers before log-in by session."""
        if request.method == "POST":
            request.upload_handlers = upload_handlers(request, settings.MAX_CHECKPOINT_BYTES)
        return super().initialize_request(request, *args, **kwargs)

    @extend_schema(
        operation_id="model_versions_import",
        request=ImportRequest,
        responses={202: inline_serializer("ImportStarted", {"request": serializers.IntegerField()})},
    )
    def post(self, request: ApiRequest) -> Response:
        wanted = ImportRequest(data=request.data)
        wanted.is_valid(raise_exception=True)
        project_id = wanted.validated_data["project"]
        require_role(request.user, project_id, Role.ADMIN)
        offered = offered_by(wanted.validated_data["file"])
        started = begin_import(project_id, offered, wanted.validated_data["name"].strip(), by=request.user)
        return Response({"request": started.pk}, status=202)


urlpatterns = [path("model-versions/import", ImportModel.as_view(), name="api-model-import")]
