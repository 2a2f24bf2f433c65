"""`/api/v1/honeypots` and a project's honeypot policy: for reviewers to see, for admins to change."""

from typing import Any

from django.db.models import Avg, Count, Q, QuerySet
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation_server.annotation.accepted import accepted
from annotation_server.annotation.models import Annotation
from annotation_server.permissions import require_role
from annotation_server.projects.asked_for import project_asked_for
from annotation_server.projects.models import Role
from annotation_server.quality.honeypot_policy import (
    LEAST_ANNOTATORS,
    LEAST_HONEYPOTS,
    LEAST_IMAGES,
    is_on,
    policy_of,
    readiness,
    set_policy,
)
from annotation_server.quality.models import Honeypot, HoneypotPolicy
from annotation_server.quality.renew_honeypots import add_by_hand, retire

PROJECT = OpenApiParameter("project", int, required=True)


class HoneypotRow(serializers.Serializer[Any]):
    """A honeypot: how often it was met and how well, and why it is no longer in use."""

    id = serializers.IntegerField()
    project = serializers.IntegerField(source="project_id")
    image = serializers.IntegerField(source="image_id")
    file_name = serializers.CharField(source="image.file_name")
    trusted = serializers.IntegerField(source="trusted_id", help_text="The annotation that is true")
    origin = serializers.ChoiceField(Honeypot.Source.choices, source="source")
    state = serializers.ChoiceField(Honeypot.State.choices)
    agreement = serializers.FloatField(allow_null=True, help_text="Mean PQ in the study it is from")
    reason = serializers.SerializerMethodField(help_text="Why it is no longer in use")
    given = serializers.IntegerField(help_text="How many people got it")
    scored = serializers.IntegerField(help_text="How many submitted it")
    passed = serializers.IntegerField()
    mean_pq = serializers.FloatField(allow_null=True)
    created_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)

    def get_reason(self, honeypot: Honeypot) -> str:
        return _(honeypot.reason) if honeypot.reason else ""


class NewHoneypot(serializers.Serializer[Any]):
    """The accepted annotation to trust."""

    project = serializers.IntegerField()
    annotation = serializers.IntegerField()


class CandidateRow(serializers.Serializer[Any]):
    """An accepted annotation whose image is no honeypot yet."""

    annotation = serializers.IntegerField(source="pk")
    image = serializers.IntegerField(source="image_id")
    file_name = serializers.CharField(source="image.file_name")
    annotator = serializers.CharField(source="assignment.annotator.username")
    masks = serializers.IntegerField(source="mask_count")


class PolicyRow(serializers.ModelSerializer):
    """How a project uses honeypots."""

    class Meta:
        model = HoneypotPolicy
        fields = (
            "mode",
            "first_pieces",
            "share",
            "pass_pq",
            "least_agreement",
            "most_uses",
            "tells_annotators",
        )
        extra_kwargs = {
            "first_pieces": {"max_value": 100},
            "most_uses": {"min_value": 1, "max_value": 100_000},
        }


class HoneypotList(generics.ListAPIView):
    """A project's honeypots, newest first; admins add more."""

    queryset = Honeypot.objects.none()
    serializer_class = HoneypotRow
    filterset_fields = ("state", "source")
    search_fields = ("image__file_name",)
    ordering_fields = ("id", "given", "scored", "mean_pq", "agreement")

    def get_queryset(self) -> QuerySet[Honeypot]:
        project_id = project_asked_for(self.request, Role.REVIEWER)
        return described(Honeypot.objects.filter(project=project_id))

    @extend_schema(parameters=[PROJECT])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(request=NewHoneypot, responses={201: HoneypotRow})
    def post(self, request: Request) -> Response:
        given = NewHoneypot(data=request.data)
        given.is_valid(raise_exception=True)
        made = add_by_hand(request.user, given.validated_data["project"], given.validated_data["annotation"])
        return Response(_row(made.pk), status=status.HTTP_201_CREATED)


class HoneypotCandidates(generics.ListAPIView):
    """Accepted annotations that an admin may trust, by file name."""

    queryset = Annotation.objects.none()
    serializer_class = CandidateRow
    filterset_fields = ()
    search_fields = ("image__file_name",)
    ordering_fields = ("image__file_name",)

    def get_queryset(self) -> QuerySet[Annotation]:
        project_id = project_asked_for(self.request, Role.ADMIN)
        rows = accepted(project_id).filter(image__honeypot__isnull=True)
        return rows.select_related("image", "assignment__annotator").order_by("image__file_name", "pk")

    @extend_schema(parameters=[PROJECT])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class HoneypotRetire(APIView):
    """Take a honeypot out of use."""

    @extend_schema(request=None, responses=HoneypotRow)
    def post(self, request: Request, honeypot_id: int) -> Response:
        return Response(_row(retire(request.user, honeypot_id).pk))


class HoneypotPolicyOne(APIView):
    """A project's honeypot policy, and whether honeypots are given out now."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, project_id: int) -> Response:
        require_role(request.user, project_id, Role.REVIEWER)
        return Response(_policy(project_id))

    @extend_schema(request=PolicyRow, responses=OpenApiTypes.OBJECT)
    def patch(self, request: Request, project_id: int) -> Response:
        require_role(request.user, project_id, Role.ADMIN)
        given = PolicyRow(policy_of(project_id), data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        set_policy(request.user, project_id, **given.validated_data)
        return Response(_policy(project_id))


def described(rows: QuerySet[Honeypot]) -> QuerySet[Honeypot]:
    """Honeypots with how often they were given, submitted and passed, and their mean PQ."""
    scored = Q(results__scored_at__isnull=False)
    return (
        rows.select_related("image")
        .order_by("-id")
        .annotate(
            given=Count("results"),
            scored=Count("results", filter=scored),
            passed=Count("results", filter=Q(results__passed=True)),
            mean_pq=Avg("results__pq"),
        )
    )


def _policy(project_id: int) -> dict[str, Any]:
    policy, ready = policy_of(project_id), readiness(project_id)
    needs = {"images": LEAST_IMAGES, "annotators": LEAST_ANNOTATORS, "honeypots": LEAST_HONEYPOTS}
    return {**PolicyRow(policy).data, "is_on": is_on(policy), "has": vars(ready), "needs": needs}


def _row(honeypot_id: int) -> dict[str, Any]:
    return dict(HoneypotRow(described(Honeypot.objects.filter(pk=honeypot_id)).get()).data)


urlpatterns = [
    path("honeypots", HoneypotList.as_view()),
    path("honeypots/candidates", HoneypotCandidates.as_view()),
    path("honeypots/<int:honeypot_id>/retire", HoneypotRetire.as_view()),
    path("projects/<int:project_id>/honeypot-policy", HoneypotPolicyOne.as_view()),
]
