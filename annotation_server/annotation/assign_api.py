"""`/api/v1/assignments`: giving images to people, giving them back, going on from what was given back."""

from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation_server.annotation.assign_for import MOST_AT_ONCE, assign_for
from annotation_server.annotation.give_back import give_back, start_from_given_back
from annotation_server.annotation.serializers import AssignmentRow, ClaimedAssignment, LeaseInput


class GiveInput(serializers.Serializer[Any]):
    """Which images, to whom."""

    project = serializers.IntegerField()
    images = serializers.ListField(
        child=serializers.IntegerField(min_value=1), min_length=1, max_length=MOST_AT_ONCE
    )
    annotator = serializers.CharField(max_length=150, help_text="User name")


class GivenAnswer(serializers.Serializer[Any]):
    """What came of giving images to a person."""

    assigned = serializers.IntegerField()
    skipped = serializers.ListField(
        child=serializers.IntegerField(), help_text="Images not ready, or drawn by somebody already"
    )


class GoOnInput(serializers.Serializer[Any]):
    """The given-back annotation to go on from."""

    annotation = serializers.IntegerField()


class GiveAssignments(APIView):
    """Give images that nobody draws to a person; reviewers and above."""

    @extend_schema(request=GiveInput, responses={201: GivenAnswer})
    def post(self, request: Request) -> Response:
        wanted = GiveInput(data=request.data)
        wanted.is_valid(raise_exception=True)
        given = assign_for(
            request.user,
            wanted.validated_data["project"],
            list(dict.fromkeys(wanted.validated_data["images"])),
            wanted.validated_data["annotator"],
        )
        answer = {"assigned": len(given.assignments), "skipped": given.skipped}
        return Response(GivenAnswer(answer).data, status=status.HTTP_201_CREATED)


class GiveBack(APIView):
    """Give an assignment back: the image is free again, what was saved stays in history."""

    @extend_schema(request=LeaseInput, responses=AssignmentRow)
    def post(self, request: Request, assignment_id: int) -> Response:
        wanted = LeaseInput(data=request.data)
        wanted.is_valid(raise_exception=True)
        assignment = give_back(request.user, assignment_id, wanted.validated_data["lease"])
        return Response(AssignmentRow(assignment).data)


class GoOn(APIView):
    """Go on from an annotation that was given back, in an assignment where nothing is saved yet."""

    @extend_schema(request=GoOnInput, responses=ClaimedAssignment)
    def post(self, request: Request, assignment_id: int) -> Response:
        wanted = GoOnInput(data=request.data)
        wanted.is_valid(raise_exception=True)
        source = wanted.validated_data["annotation"]
        return Response(ClaimedAssignment(start_from_given_back(request.user, assignment_id, source)).data)


urlpatterns = [
    path("assignments/give", GiveAssignments.as_view()),
    path("assignments/<int:assignment_id>/give-back", GiveBack.as_view()),
    path("assignments/<int:assignment_id>/go-on", GoOn.as_view()),
]
