"""Review over HTTP: verdicts, the reviewer's own map, and comments."""

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation_server.annotation.access import find_annotation
from annotation_server.annotation.comments import LONGEST_TEXT, comments_on, settle, write_comment
from annotation_server.annotation.models import Comment, Review
from annotation_server.annotation.review import LONGEST_REASON, review
from annotation_server.annotation.review_map import open_review_map
from annotation_server.annotation.serializers import AnnotationDetail
from annotation_server.segmentation.tiles import MAX_NUMBER

LARGEST = 2**31 - 1


class ReviewInput(serializers.Serializer):
    verdict = serializers.ChoiceField(choices=[Review.Verdict.ACCEPT, Review.Verdict.RETURN])
    reason = serializers.CharField(allow_blank=True, default="", max_length=LONGEST_REASON)


class CommentRow(serializers.ModelSerializer):
    """A remark or an answer; ``box`` is [x, y, width, height] px."""

    author = serializers.CharField(source="author.display_name")
    username = serializers.CharField(source="author.username")
    resolved_by = serializers.CharField(source="resolved_by.display_name", allow_null=True, default=None)
    revision = serializers.IntegerField(source="revision_number")

    class Meta:
        model = Comment
        fields = (
            *("id", "number", "box", "text", "author", "username", "created_at", "parent"),
            *("resolved_at", "resolved_by", "revision"),
        )


class CommentsAnswer(serializers.Serializer):
    count = serializers.IntegerField()
    results = CommentRow(many=True)


class CommentInput(serializers.Serializer):
    text = serializers.CharField(max_length=LONGEST_TEXT)
    number = serializers.IntegerField(allow_null=True, default=None, min_value=1, max_value=MAX_NUMBER)
    box = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=LARGEST),
        min_length=4,
        max_length=4,
        allow_null=True,
        default=None,
    )
    # Fields are no attributes of the class, so this hides nothing of the serializer itself.
    parent = serializers.IntegerField(allow_null=True, default=None, min_value=1)  # type: ignore[assignment]


class SettleInput(serializers.Serializer):
    resolved = serializers.BooleanField()


class ReviewOne(APIView):
    """Accept a submitted annotation, or return it with a reason or open comments."""

    @extend_schema(request=ReviewInput, responses=AnnotationDetail)
    def post(self, request: Request, annotation_id: int) -> Response:
        given = ReviewInput(data=request.data)
        given.is_valid(raise_exception=True)
        review(request.user, annotation_id, given.validated_data["verdict"], given.validated_data["reason"])
        return _detail(request, annotation_id)


class ReviewMap(APIView):
    """The reviewer's own map of a submitted annotation: the one begun before, or a copy made now."""

    @extend_schema(request=None, responses={201: AnnotationDetail})
    def post(self, request: Request, annotation_id: int) -> Response:
        made = open_review_map(request.user, annotation_id)
        return _detail(request, made.pk, status=201)


class Comments(APIView):
    """The remarks on an annotation with their answers."""

    @extend_schema(responses=CommentsAnswer)
    def get(self, request: Request, annotation_id: int) -> Response:
        rows = CommentRow(comments_on(request.user, annotation_id), many=True).data
        return Response({"count": len(rows), "results": rows})

    @extend_schema(request=CommentInput, responses={201: CommentRow})
    def post(self, request: Request, annotation_id: int) -> Response:
        given = CommentInput(data=request.data)
        given.is_valid(raise_exception=True)
        comment = write_comment(request.user, annotation_id, **given.validated_data)
        return Response(CommentRow(comment).data, status=201)


class CommentOne(APIView):
    """Resolve a remark or open it again."""

    @extend_schema(request=SettleInput, responses=CommentRow)
    def patch(self, request: Request, comment_id: int) -> Response:
        given = SettleInput(data=request.data)
        given.is_valid(raise_exception=True)
        comment = settle(request.user, comment_id, resolved=given.validated_data["resolved"])
        return Response(CommentRow(comment).data)


def _detail(request: Request, annotation_id: int, status: int = 200) -> Response:
    annotation = find_annotation(request.user, annotation_id)
    return Response(AnnotationDetail(annotation, context={"request": request}).data, status=status)


urlpatterns = [
    path("annotations/<int:annotation_id>/review", ReviewOne.as_view()),
    path("annotations/<int:annotation_id>/review-map", ReviewMap.as_view()),
    path("annotations/<int:annotation_id>/comments", Comments.as_view()),
    path("comments/<int:comment_id>", CommentOne.as_view()),
]
