"""Surveys over HTTP for members: list, make, change, open, close, link, results, exports, delete."""

from typing import Any

import django_filters
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request as ApiRequest
from rest_framework.response import Response

from annotation_server import media
from annotation_server.errors import NotFound
from annotation_server.permissions import RANK, require_role, role_in, visible_projects
from annotation_server.projects.models import Membership, Project, Role
from annotation_server.rendering import NewestFirst
from annotation_server.surveys.exports import answer_rows
from annotation_server.surveys.link import make_link, revoke_link
from annotation_server.surveys.models import Survey, SurveyAnswer
from annotation_server.surveys.pictures import BARE, look_at_side
from annotation_server.surveys.results import results_of
from annotation_server.surveys.run_survey import (
    change_texts,
    close_survey,
    delete_survey,
    make_survey,
    open_survey,
    prepare_again,
)
from annotation_server.surveys.serializers import (
    AskedSets,
    Link,
    NewLink,
    NewSurvey,
    OpenSurvey,
    SharedImages,
    SurveyRow,
    SurveyTexts,
)
from annotation_server.surveys.sets import find_sets, shared_images
from annotation_server.work.csv_text import csv_text

OVERSEERS = [role for role in Role if RANK[role] >= RANK[Role.REVIEWER]]


class SurveyFilter(django_filters.FilterSet):
    """The filters of the list; there are no others."""

    project = django_filters.NumberFilter("project_id")
    state = django_filters.ChoiceFilter(choices=Survey.State.choices)
    kind = django_filters.ChoiceFilter(choices=Survey.Kind.choices)


def visible_surveys(user: Any) -> QuerySet[Survey]:
    """The surveys of one's projects; annotators know of the open ones and those they took part in."""
    found = Survey.objects.filter(project__in=visible_projects(user))
    if not user.is_staff:
        overseen = Membership.objects.filter(user=user, role__in=OVERSEERS).values_list(
            "project_id", flat=True
        )
        found = found.filter(Q(project__in=overseen) | Q(state=Survey.State.OPEN))
    answers = SurveyAnswer.objects.filter(participant__survey=OuterRef("pk")).order_by()
    counted = answers.values("participant__survey").annotate(n=Count("pk")).values("n")
    return (
        found.select_related("created_by")
        .defer("inputs")
        .annotate(
            joined=Count("participants"),
            finished=Count("participants", filter=Q(participants__finished_at__isnull=False)),
            answers=Coalesce(Subquery(counted), 0),
        )
    )


def find_survey(user: Any, survey_id: int, least: Role) -> Survey:
    """A survey, for members of at least that role; raises NotFound and NotAllowed."""
    survey = visible_surveys(user).filter(pk=survey_id).first()
    if survey is None:
        raise NotFound(_("There is no such survey, or you are not a member of its project."))
    require_role(user, survey.project_id, least)
    return survey


def _row(user: Any, survey: Survey) -> dict[str, Any]:
    role = role_in(user, survey.project_id)
    serializer = SurveyRow if role in OVERSEERS else OpenSurvey
    return dict(serializer(survey).data)


class _OfOne(GenericAPIView[Survey]):
    """What addresses below one survey share."""

    queryset = Survey.objects.none()
    serializer_class = SurveyRow
    pagination_class = None

    def found(self, survey_id: int, least: Role = Role.REVIEWER) -> Survey:
        return find_survey(self.request.user, survey_id, least)

    def told(self, survey_id: int, status: int = 200) -> Response:
        return Response(_row(self.request.user, self.found(survey_id)), status=status)


class Surveys(NewestFirst, GenericAPIView[Survey]):
    """The surveys of one's projects, newest first; annotators see those they can take part in."""

    queryset = Survey.objects.none()
    serializer_class = SurveyRow
    filterset_class = SurveyFilter

    def get_queryset(self) -> QuerySet[Survey]:
        return visible_surveys(self.request.user)

    @extend_schema(operation_id="surveys_list", responses=SurveyRow(many=True))
    def get(self, request: ApiRequest) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response([_row(request.user, survey) for survey in page])

    @extend_schema(operation_id="surveys_create", request=NewSurvey, responses={202: SurveyRow})
    def post(self, request: ApiRequest) -> Response:
        asked = NewSurvey(data=request.data)
        asked.is_valid(raise_exception=True)
        wanted = dict(asked.validated_data)
        project_id = wanted.pop("project")
        require_role(request.user, project_id, Role.ADMIN)
        survey = make_survey(Project.objects.get(pk=project_id), wanted, by=request.user)
        return Response(_row(request.user, find_survey(request.user, survey.pk, Role.ADMIN)), status=202)


class Preview(GenericAPIView[Survey]):
    """How many images all of some sets have masks of."""

    queryset = Survey.objects.none()
    serializer_class = AskedSets

    @extend_schema(operation_id="surveys_preview", request=AskedSets, responses=SharedImages)
    def post(self, request: ApiRequest) -> Response:
        asked = AskedSets(data=request.data)
        asked.is_valid(raise_exception=True)
        wanted = asked.validated_data
        require_role(request.user, wanted["project"], Role.ADMIN)
        sets = find_sets(wanted["project"], [dict(spec) for spec in wanted["sets"]])
        return Response({"images": len(shared_images(wanted["project"], sets, wanted["split"]))})


class OneSurvey(_OfOne):
    """One survey."""

    @extend_schema(operation_id="surveys_retrieve", responses=SurveyRow)
    def get(self, request: ApiRequest, survey_id: int) -> Response:
        return Response(_row(request.user, self.found(survey_id, Role.ANNOTATOR)))

    @extend_schema(operation_id="surveys_update", request=SurveyTexts, responses=SurveyRow)
    def patch(self, request: ApiRequest, survey_id: int) -> Response:
        """Put what participants read in other words, as long as nobody has answered."""
        asked = SurveyTexts(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        change_texts(self.found(survey_id, Role.ADMIN).pk, asked.validated_data, by=request.user)
        return self.told(survey_id)

    @extend_schema(operation_id="surveys_delete", responses={204: None})
    def delete(self, request: ApiRequest, survey_id: int) -> Response:
        delete_survey(self.found(survey_id, Role.ADMIN).pk, by=request.user)
        return Response(status=204)


class Open(_OfOne):
    """Letting people answer, for the first time or again."""

    @extend_schema(operation_id="surveys_open", request=None, responses=SurveyRow)
    def post(self, request: ApiRequest, survey_id: int) -> Response:
        open_survey(self.found(survey_id, Role.ADMIN).pk, by=request.user)
        return self.told(survey_id)


class Close(_OfOne):
    """Taking no more answers."""

    @extend_schema(operation_id="surveys_close", request=None, responses=SurveyRow)
    def post(self, request: ApiRequest, survey_id: int) -> Response:
        close_survey(self.found(survey_id, Role.ADMIN).pk, by=request.user)
        return self.told(survey_id)


class Prepare(_OfOne):
    """Trying once more to prepare a survey that failed."""

    @extend_schema(operation_id="surveys_prepare", request=None, responses={202: SurveyRow})
    def post(self, request: ApiRequest, survey_id: int) -> Response:
        prepare_again(self.found(survey_id, Role.ADMIN).pk, by=request.user)
        return self.told(survey_id, status=202)


class LinkOfOne(_OfOne):
    """The link for people without an account: a new one, which ends the one before, or none."""

    @extend_schema(operation_id="surveys_link", request=NewLink, responses={201: Link})
    def post(self, request: ApiRequest, survey_id: int) -> Response:
        asked = NewLink(data=request.data)
        asked.is_valid(raise_exception=True)
        survey = self.found(survey_id, Role.ADMIN)
        key, expires_at = make_link(survey.pk, asked.validated_data["days"], by=request.user)
        url = request.build_absolute_uri(reverse("survey", args=[key]))
        return Response({"url": url, "expires_at": expires_at}, status=201)

    @extend_schema(operation_id="surveys_revoke_link", responses={204: None})
    def delete(self, request: ApiRequest, survey_id: int) -> Response:
        revoke_link(self.found(survey_id, Role.ADMIN).pk, by=request.user)
        return Response(status=204)


class Results(_OfOne):
    """Figures, participants with what their attention checks say, and comments."""

    @extend_schema(operation_id="surveys_results", responses=OpenApiTypes.OBJECT)
    def get(self, request: ApiRequest, survey_id: int) -> Response:
        return Response(results_of(self.found(survey_id)))


class ResultsFile(Results):
    """The same, as a file."""

    @extend_schema(operation_id="surveys_results_file", responses=OpenApiTypes.OBJECT)
    def get(self, request: ApiRequest, survey_id: int) -> Response:
        response = super().get(request, survey_id)
        response["Content-Disposition"] = f'attachment; filename="survey-{survey_id}.json"'
        return response


class AnswersFile(_OfOne):
    """Every answer, as CSV; participants by pseudonym."""

    @extend_schema(operation_id="surveys_answers_file", responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: ApiRequest, survey_id: int) -> HttpResponse:
        rows = answer_rows(self.found(survey_id))
        response = HttpResponse(csv_text(rows), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="survey-{survey_id}-answers.csv"'
        return response


class SetPicture(_OfOne):
    """An image under the masks of one set (by its number), or bare."""

    @extend_schema(operation_id="surveys_picture", responses={(200, "image/jpeg"): OpenApiTypes.BINARY})
    def get(self, request: ApiRequest, survey_id: int, image_id: int, side: str) -> HttpResponse:
        survey = self.found(survey_id)
        sides = {BARE, *(str(number) for number in range(len(survey.sets)))}
        there = survey.items.filter(image_number=image_id).exists()
        key = survey.picture_key(image_id, side)
        if side not in sides or not there or not media.exists(key):
            raise NotFound(_("This survey has no such picture."))
        look_at_side(request.user, survey, image_id, side)
        response = HttpResponse(media.read(key), content_type="image/jpeg")
        response["Cache-Control"] = "private, max-age=86400"
        return response


urlpatterns = [
    path("surveys", Surveys.as_view(), name="api-surveys"),
    path("surveys/preview", Preview.as_view(), name="api-surveys-preview"),
    path("surveys/<int:survey_id>", OneSurvey.as_view(), name="api-survey"),
    path("surveys/<int:survey_id>/open", Open.as_view(), name="api-survey-open"),
    path("surveys/<int:survey_id>/close", Close.as_view(), name="api-survey-close"),
    path("surveys/<int:survey_id>/prepare", Prepare.as_view(), name="api-survey-prepare"),
    path("surveys/<int:survey_id>/link", LinkOfOne.as_view(), name="api-survey-link"),
    path("surveys/<int:survey_id>/results", Results.as_view(), name="api-survey-results"),
    path("surveys/<int:survey_id>/results.json", ResultsFile.as_view(), name="api-survey-results-file"),
    path("surveys/<int:survey_id>/answers.csv", AnswersFile.as_view(), name="api-survey-answers"),
    path(
        "surveys/<int:survey_id>/images/<int:image_id>/<str:side>.jpg",
        SetPicture.as_view(),
        name="api-survey-set-picture",
    ),
]
