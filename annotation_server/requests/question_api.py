"""`/api/v1/questions`: what one waits for, and calling it off."""

from typing import Any

from django.urls import path
from django.utils.decorators import method_decorator
from django.views.decorators.gzip import gzip_page
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request as ApiRequest
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation_server.requests import questions
from annotation_server.requests.kept_sentences import said
from annotation_server.requests.models import Question


class QuestionAsked(serializers.Serializer[Any]):
    """What an address that asks answers with 202."""

    question = serializers.IntegerField()


class QuestionAnswer(serializers.Serializer[Any]):
    """A question as it stands."""

    id = serializers.IntegerField()
    state = serializers.ChoiceField(Question.State.choices)
    answer = serializers.DictField(allow_null=True, help_text="null until it is answered")
    error = serializers.CharField(help_text="Why it failed, else empty")


def asked(question: Question) -> Response:
    """The 202 of an address that asks."""
    return Response({"question": question.pk}, status=202)


@method_decorator(gzip_page, name="dispatch")
class OneQuestion(APIView):
    """A question of one's own: asked for every moment until it has ended."""

    @extend_schema(operation_id="questions_retrieve", responses=QuestionAnswer)
    def get(self, request: ApiRequest, question_id: int) -> Response:
        return _as_json(*questions.look(request.user, question_id))

    @extend_schema(operation_id="questions_cancel", responses=QuestionAnswer)
    def delete(self, request: ApiRequest, question_id: int) -> Response:
        return _as_json(questions.call_off(request.user, question_id), None)


def _as_json(question: Question, answer: questions.Answer | None) -> Response:
    response = Response(
        {"id": question.pk, "state": question.state, "answer": answer, "error": said(question.error)}
    )
    response["Cache-Control"] = "no-store"
    return response


urlpatterns = [path("questions/<int:question_id>", OneQuestion.as_view(), name="api-question")]
