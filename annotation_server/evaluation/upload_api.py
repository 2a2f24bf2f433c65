"""Files of masks over HTTP: uploading one to be evaluated, the list, one, deleting it."""

from typing import Any

import django_filters
from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request as ApiRequest
from rest_framework.response import Response

from annotation_server.errors import NotFound
from annotation_server.evaluation.models import EvaluationUpload
from annotation_server.evaluation.overseen import overseen_projects
from annotation_server.evaluation.serializers import NewUpload, UploadRow
from annotation_server.evaluation.uploads import begin_upload, delete_upload
from annotation_server.images.upload import offered_by
from annotation_server.images.upload_limit import upload_handlers
from annotation_server.permissions import require_role, visible_projects
from annotation_server.projects.asked_for import project_asked_for
from annotation_server.projects.models import Role
from annotation_server.rendering import NewestFirst


class UploadFilter(django_filters.FilterSet):
    """The filters of the list; there are no others."""

    project = django_filters.NumberFilter("project_id")


class Uploads(NewestFirst, GenericAPIView[EvaluationUpload]):
    """The uploaded files of the projects one reviews, newest first."""

    queryset = EvaluationUpload.objects.none()
    serializer_class = UploadRow
    filterset_class = UploadFilter
    parser_classes = [MultiPartParser]

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> ApiRequest:
        """Set the upload handlers before log-in by session."""
        if request.method == "POST":
            request.upload_handlers = upload_handlers(request, settings.MAX_EVALUATION_BYTES)
        return super().initialize_request(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[EvaluationUpload]:
        uploads = EvaluationUpload.objects.filter(project__in=overseen_projects(self.request.user))
        return uploads.select_related("created_by")

    @extend_schema(operation_id="evaluation_uploads_list", responses=UploadRow(many=True))
    def get(self, request: ApiRequest) -> Response:
        if "project" in request.query_params:
            project_asked_for(request, Role.REVIEWER)
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(UploadRow(page, many=True).data)

    @extend_schema(
        operation_id="evaluation_uploads_create",
        request=NewUpload,
        responses={
            202: inline_serializer(
                "StartedUpload", {"evaluation_upload": UploadRow(), "request": serializers.IntegerField()}
            )
        },
    )
    def post(self, request: ApiRequest) -> Response:
        wanted = NewUpload(data=request.data)
        wanted.is_valid(raise_exception=True)
        project_id = wanted.validated_data["project"]
        require_role(request.user, project_id, Role.CURATOR)
        offered = offered_by(wanted.validated_data["file"])
        upload = begin_upload(project_id, offered, wanted.validated_data["name"].strip(), by=request.user)
        return Response(
            {"evaluation_upload": UploadRow(upload).data, "request": upload.request_id}, status=202
        )


class OneUpload(GenericAPIView[EvaluationUpload]):
    """One uploaded file."""

    serializer_class = UploadRow

    @extend_schema(operation_id="evaluation_uploads_retrieve", responses=UploadRow)
    def get(self, request: ApiRequest, upload_id: int) -> Response:
        return Response(UploadRow(_find(request.user, upload_id, Role.REVIEWER)).data)

    @extend_schema(operation_id="evaluation_uploads_delete", responses={204: None})
    def delete(self, request: ApiRequest, upload_id: int) -> Response:
        delete_upload(_find(request.user, upload_id, Role.CURATOR), by=request.user)
        return Response(status=204)


def _find(user: Any, upload_id: int, least: Role) -> EvaluationUpload:
    uploads = EvaluationUpload.objects.filter(pk=upload_id, project__in=visible_projects(user))
    upload = uploads.select_related("created_by").first()
    if upload is None:
        raise NotFound(_("There is no such upload, or you are not a member of its project."))
    require_role(user, upload.project_id, least)
    return upload


urlpatterns = [
    path("evaluation-uploads", Uploads.as_view(), name="api-evaluation-uploads"),
    path("evaluation-uploads/<int:upload_id>", OneUpload.as_view(), name="api-evaluation-upload"),
]
