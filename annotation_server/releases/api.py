"""Releases over HTTP: list, publish, one, its archive and its manifest."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.urls import path, reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request as ApiRequest
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation_server import media
from annotation_server.errors import Conflict, NotFound
from annotation_server.permissions import require_role, visible_projects
from annotation_server.projects.models import Project, Role
from annotation_server.releases.models import Release
from annotation_server.releases.project_statistics import project_statistics
from annotation_server.releases.start import discard_failed, start_release
from annotation_server.rendering import NewestFirst


class ReleaseRow(serializers.Serializer[Any]):
    """A release as lists show it."""

    id = serializers.IntegerField()
    project = serializers.IntegerField(source="project_id")
    name = serializers.CharField()
    notes = serializers.CharField()
    state = serializers.ChoiceField(Release.State.choices)
    error = serializers.CharField()
    merkle_root = serializers.CharField(help_text="Hash over all its files; empty until published")
    images = serializers.IntegerField()
    masks = serializers.IntegerField()
    size_bytes = serializers.IntegerField(help_text="Of the archive")
    studies = serializers.ListField(help_text="[{study, report_sha256}] of the reports that it carries")
    request = serializers.IntegerField(source="request_id", allow_null=True)
    created_by = serializers.CharField(source="created_by.username", default=None)
    created_at = serializers.DateTimeField()
    published_at = serializers.DateTimeField(allow_null=True)
    files_url = serializers.SerializerMethodField(help_text="The manifest: every file with its SHA-256")
    archive_url = serializers.SerializerMethodField()

    def get_files_url(self, release: Release) -> str | None:
        return _address("api-release-manifest", release)

    def get_archive_url(self, release: Release) -> str | None:
        return _address("api-release-archive", release)


class FullRelease(ReleaseRow):
    """A release with its statistics."""

    statistics = serializers.DictField()


class NewRelease(serializers.Serializer[Any]):
    """What one says to publish a release."""

    project = serializers.IntegerField()
    name = serializers.CharField(max_length=100)
    notes = serializers.CharField(max_length=10_000, allow_blank=True, default="")


class ReleaseFilter(django_filters.FilterSet):
    """The filters of the list; there are no others."""

    project = django_filters.NumberFilter("project_id")
    state = django_filters.ChoiceFilter(choices=Release.State.choices)


def _address(name: str, release: Release) -> str | None:
    return reverse(name, args=[release.pk]) if release.state == Release.State.PUBLISHED else None


def visible_releases(user: Any) -> QuerySet[Release]:
    """The releases of one's projects."""
    return Release.objects.filter(project__in=visible_projects(user)).select_related("created_by")


def _find(request: ApiRequest, release_id: int) -> Release:
    release = visible_releases(request.user).filter(pk=release_id).first()
    if release is None:
        raise NotFound(_("There is no such release, or you are not a member of its project."))
    return release


def _find_published(request: ApiRequest, release_id: int) -> Release:
    release = _find(request, release_id)
    if release.state != Release.State.PUBLISHED:
        raise Conflict(
            _("Release %(name)s has no files yet. Its state: %(state)s.")
            % {"name": release.name, "state": _(release.get_state_display())},
            code="not_published",
        )
    return release


class Releases(NewestFirst, GenericAPIView[Release]):
    """The releases of one's projects, newest first."""

    queryset = Release.objects.none()
    serializer_class = ReleaseRow
    filterset_class = ReleaseFilter

    def get_queryset(self) -> QuerySet[Release]:
        return visible_releases(self.request.user).defer("inputs", "statistics")

    @extend_schema(operation_id="releases_list", responses=ReleaseRow(many=True))
    def get(self, request: ApiRequest) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(ReleaseRow(page, many=True).data)

    @extend_schema(operation_id="releases_create", request=NewRelease, responses={202: FullRelease})
    def post(self, request: ApiRequest) -> Response:
        asked = NewRelease(data=request.data)
        asked.is_valid(raise_exception=True)
        wanted = asked.validated_data
        require_role(request.user, wanted["project"], Role.ADMIN)
        project = Project.objects.get(pk=wanted["project"])
        release = start_release(project, wanted["name"], wanted["notes"], by=request.user)
        return Response(FullRelease(release).data, status=202)


class OneRelease(GenericAPIView[Release]):
    """One release."""

    serializer_class = FullRelease

    @extend_schema(operation_id="releases_retrieve", responses=FullRelease)
    def get(self, request: ApiRequest, release_id: int) -> Response:
        return Response(FullRelease(_find(request, release_id)).data)

    @extend_schema(operation_id="releases_delete", responses={204: None})
    def delete(self, request: ApiRequest, release_id: int) -> Response:
        release = _find(request, release_id)
        require_role(request.user, release.project_id, Role.ADMIN)
        discard_failed(release.pk, by=request.user)
        return Response(status=204)


class Archive(GenericAPIView[Release]):
    """All files of a release, as one tar."""

    @extend_schema(
        operation_id="releases_archive", responses={(200, "application/x-tar"): OpenApiTypes.BINARY}
    )
    def get(self, request: ApiRequest, release_id: int) -> HttpResponseBase:
        release = _find_published(request, release_id)
        response = FileResponse(
            media.open_stream(release.archive_key),
            as_attachment=True,
            filename=f"{slugify(release.name) or 'release'}-{release.merkle_root[:12]}.tar",
            content_type="application/x-tar",
        )
        response["Content-Length"] = str(release.size_bytes)
        return _immutable(response, release)


class Manifest(GenericAPIView[Release]):
    """MANIFEST.json: every file with its size and SHA-256."""

    @extend_schema(
        operation_id="releases_manifest", responses={(200, "application/json"): OpenApiTypes.OBJECT}
    )
    def get(self, request: ApiRequest, release_id: int) -> HttpResponseBase:
        release = _find_published(request, release_id)
        content = media.read(release.manifest_key)
        return _immutable(HttpResponse(content, content_type="application/json"), release)


def _immutable(response: HttpResponseBase, release: Release) -> HttpResponseBase:
    response["ETag"] = f'"{release.merkle_root}"'
    response["Cache-Control"] = "private, no-cache"
    return response


class ProjectStatistics(APIView):
    """Figures of what is accepted in a project now, beside those of public datasets."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: ApiRequest, project_id: int) -> Response:
        return Response(project_statistics(request.user, project_id))


urlpatterns = [
    path("projects/<int:project_id>/statistics", ProjectStatistics.as_view()),
    path("releases", Releases.as_view(), name="api-releases"),
    path("releases/<int:release_id>", OneRelease.as_view(), name="api-release"),
    path("releases/<int:release_id>/archive", Archive.as_view(), name="api-release-archive"),
    path("releases/<int:release_id>/manifest", Manifest.as_view(), name="api-release-manifest"),
]
