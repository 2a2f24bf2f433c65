"""`/api/v1/projects` and `/api/v1/memberships`."""

from collections.abc import Callable
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation_server import audit
from annotation_server.errors import Conflict
from annotation_server.permissions import require_role, visible_projects
from annotation_server.projects.asked_for import project_asked_for
from annotation_server.projects.members import add_member, change_role, remove_member
from annotation_server.projects.models import Membership, Project, Role
from annotation_server.projects.progress import images_by_work_state


class ProjectRow(serializers.ModelSerializer):
    """A project with its policy, its size and the caller's role."""

    role = serializers.SerializerMethodField()
    members = serializers.IntegerField(read_only=True)
    images = serializers.IntegerField(source="image_count", read_only=True)
    by_state = serializers.SerializerMethodField()

    class Meta:
        model = Project
        fields = (
            "id",
            "name",
            "description",
            "min_coverage",
            "max_gap_px",
            "names_required",
            "review_required",
            "pre_annotate",
            "annotations_start",
            "retrain_nightly",
            "retrain_min_masks",
            "retrain_steps",
            "max_pixels",
            "max_side",
            "created_at",
            "role",
            "members",
            "images",
            "by_state",
        )
        read_only_fields = ("id", "created_at")
        extra_kwargs = {
            "max_pixels": {"min_value": 1, "max_value": 4_000_000_000},
            "max_side": {"min_value": 1, "max_value": 65_000},
            "max_gap_px": {"min_value": 0, "max_value": 2_000_000_000},
            "retrain_min_masks": {"min_value": 1, "max_value": 1_000_000_000},
            "retrain_steps": {"min_value": 0, "max_value": 1_000_000},
        }

    def get_role(self, project: Project) -> str | None:
        user = self.context["request"].user
        return Role.ADMIN if user.is_staff else getattr(project, "my_role", None)

    def get_by_state(self, project: Project) -> dict[str, int]:
        """Images by where the work on them stands."""
        return self.context["by_state"][project.pk]


class MembershipRow(serializers.ModelSerializer):
    """One person's role in one project."""

    username = serializers.CharField(source="user.username", read_only=True)
    name = serializers.CharField(source="user.display_name", read_only=True)

    class Meta:
        model = Membership
        fields = ("id", "project", "user", "username", "name", "role", "created_at")


class NewMember(serializers.Serializer):
    project = serializers.IntegerField()
    username = serializers.CharField(max_length=150)
    role = serializers.ChoiceField(choices=Role.choices)


class RoleInput(serializers.Serializer):
    role = serializers.ChoiceField(choices=Role.choices)


def described(request: Request, projects: QuerySet[Project]) -> QuerySet[Project]:
    """Projects with their counts and the caller's role."""
    mine = Membership.objects.filter(project=OuterRef("pk"), user=request.user.pk).values("role")[:1]
    return projects.annotate(
        members=_counted("memberships"), image_count=_counted("images"), my_role=Subquery(mine)
    )


def _counted(relation: str) -> Coalesce:
    """A count in a subquery of its own: two joins in one query would multiply each other."""
    rows = Project.objects.filter(pk=OuterRef("pk")).order_by().values("pk")
    return Coalesce(Subquery(rows.annotate(number=Count(relation)).values("number")), 0)


class ProjectList(generics.ListAPIView):
    """One's projects; whoever creates one becomes its admin.

    ``start`` is the verb that creates a project; the address page names it, since it also fills the
    vocabulary, which this package knows nothing of.
    """

    queryset = Project.objects.none()
    serializer_class = ProjectRow
    filterset_fields = ()
    search_fields = ("name", "description")
    ordering_fields = ("id", "name", "created_at")
    start: Callable[..., Project] | None = None

    def get_queryset(self) -> QuerySet[Project]:
        return described(self.request, visible_projects(self.request.user))

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        assert page is not None
        return self.get_paginated_response(_rows(request, page))

    @extend_schema(request=ProjectRow, responses={201: ProjectRow})
    def post(self, request: Request) -> Response:
        given = ProjectRow(data=request.data)
        given.is_valid(raise_exception=True)
        assert self.start is not None
        project = self.start(request.user, **given.validated_data)
        return Response(_one(request, project.pk), status=status.HTTP_201_CREATED)


class ProjectOne(APIView):
    """One project."""

    @extend_schema(responses=ProjectRow)
    def get(self, request: Request, project_id: int) -> Response:
        return Response(_one(request, project_id))

    @extend_schema(request=ProjectRow, responses=ProjectRow)
    def patch(self, request: Request, project_id: int) -> Response:
        require_role(request.user, project_id, Role.ADMIN)
        project = get_object_or_404(Project, pk=project_id)
        given = ProjectRow(project, data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        given.save()
        audit.record(request.user, project_id, "project.change", project, fields=sorted(given.validated_data))
        return Response(_one(request, project_id))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, project_id: int) -> Response:
        require_role(request.user, project_id, Role.ADMIN)
        project = get_object_or_404(Project, pk=project_id)
        if project.images.exists() or project.releases.exists():
            raise Conflict(_("A project with images or releases cannot be deleted."), code="not_empty")
        audit.record(request.user, None, "project.delete", project, name=project.name)
        project.delete()
        return Response(status=status.HTTP_204_NO_CONTENT)


class MembershipList(generics.ListAPIView):
    """The members of a project; admins add more."""

    queryset = Membership.objects.none()
    serializer_class = MembershipRow
    filterset_fields = ("role",)
    search_fields = ("user__username", "user__first_name", "user__last_name")
    ordering_fields = ("id", "role", "created_at")

    def get_queryset(self) -> QuerySet[Membership]:
        project = project_asked_for(self.request, Role.ANNOTATOR)
        return Membership.objects.filter(project_id=project).select_related("user")

    @extend_schema(parameters=[OpenApiParameter("project", int, required=True)])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(request=NewMember, responses={201: MembershipRow})
    def post(self, request: Request) -> Response:
        given = NewMember(data=request.data)
        given.is_valid(raise_exception=True)
        new = given.validated_data
        membership = add_member(request.user, new["project"], new["username"], new["role"])
        return Response(MembershipRow(membership).data, status=status.HTTP_201_CREATED)


class MembershipOne(APIView):
    """One membership: change the role, or remove the person."""

    @extend_schema(request=RoleInput, responses=MembershipRow)
    def patch(self, request: Request, membership_id: int) -> Response:
        given = RoleInput(data=request.data)
        given.is_valid(raise_exception=True)
        membership = change_role(request.user, membership_id, given.validated_data["role"])
        return Response(MembershipRow(membership).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, membership_id: int) -> Response:
        remove_member(request.user, membership_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _one(request: Request, project_id: int) -> dict[str, Any]:
    projects = described(request, visible_projects(request.user))
    return _rows(request, [get_object_or_404(projects, pk=project_id)])[0]


def _rows(request: Request, projects: list[Project]) -> list[dict[str, Any]]:
    by_state = images_by_work_state([project.pk for project in projects])
    context = {"request": request, "by_state": by_state}
    return list(ProjectRow(projects, many=True, context=context).data)


def urlpatterns(start: Callable[..., Project]) -> list[Any]:
    """The addresses; ``start`` creates a project."""
    return [
        path("projects", ProjectList.as_view(start=start)),
        path("projects/<int:project_id>", ProjectOne.as_view()),
        path("memberships", MembershipList.as_view()),
        path("memberships/<int:membership_id>", MembershipOne.as_view()),
    ]
