"""Taking part in a survey over HTTP: by a link without an account, or as a member; nothing else is reachable.

Both ways have the same addresses below `survey/{key}` and `surveys/{id}/part`. Who came by a link is known
by a cookie that holds a random key, of which only the digest is kept.
"""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.urls import URLPattern, path
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request as ApiRequest
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle

from annotation_server import media
from annotation_server.accounts.authentication import SessionAuthentication
from annotation_server.errors import NotAllowed, NotFound, Refused
from annotation_server.projects.models import Role
from annotation_server.surveys import take_part
from annotation_server.surveys.api import find_survey
from annotation_server.surveys.limits import Joining as JoiningRate
from annotation_server.surveys.limits import UnknownLinks, Visiting
from annotation_server.surveys.link import digest_of, survey_at
from annotation_server.surveys.models import Survey, SurveyParticipant
from annotation_server.surveys.pictures import look_at_side
from annotation_server.surveys.results import items_asked
from annotation_server.surveys.serializers import Answer, Joining, Participation, Visit

COOKIE_SECONDS = 400 * 86400
KEPT_S = 3600
SIDES = (take_part.LEFT, take_part.RIGHT, take_part.MASKS, take_part.BARE)


def cookie_name(survey: Survey) -> str:
    """The cookie that tells a participant of this survey."""
    return f"survey-{survey.pk}"


def participant_by_cookie(request: Any, survey: Survey) -> SurveyParticipant | None:
    """Whoever began on this device."""
    key = request.COOKIES.get(cookie_name(survey), "")
    return survey.participants.filter(key_digest=digest_of(key)).first() if key else None


class _Part(GenericAPIView[Survey]):
    """One address of both ways to take part."""

    queryset = Survey.objects.none()
    serializer_class: type[serializers.Serializer[Any]] = Visit
    pagination_class = None
    limits: tuple[type[BaseThrottle], ...] = (Visiting,)

    def initial(self, request: ApiRequest, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if "key" in kwargs and request.method not in SAFE_METHODS:
            # Nobody is logged in here, so that nothing else would look for the CSRF token.
            SessionAuthentication().enforce_csrf(request)

    def get_throttles(self) -> list[BaseThrottle]:
        return [limit() for limit in self.limits] if "key" in self.kwargs else []

    def finalize_response(self, request: ApiRequest, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        response.headers.setdefault("Cache-Control", "no-store")
        response["X-Robots-Tag"] = "noindex, nofollow"
        patch_vary_headers(response, ("Cookie",))
        return response

    def survey(self) -> Survey:
        """Raises NotFound, NotAllowed, Gone, and Throttled for too many unknown links."""
        if "key" not in self.kwargs:
            return find_survey(self.request.user, self.kwargs["survey_id"], Role.ANNOTATOR)
        try:
            return survey_at(self.kwargs["key"])
        except NotFound:
            unknown = UnknownLinks()
            if not unknown.allow_request(self.request, self):
                self.throttled(self.request, unknown.wait() or 60.0)
            raise

    def participant(self, survey: Survey) -> SurveyParticipant | None:
        if "key" in self.kwargs:
            return participant_by_cookie(self.request, survey)
        return survey.participants.filter(user=self.request.user.pk).first()

    def taking_part(self) -> tuple[Survey, SurveyParticipant]:
        """The survey and who is asked; raises NotAllowed before they have agreed."""
        survey = self.survey()
        participant = self.participant(survey)
        if participant is None:
            raise NotAllowed(
                _("Begin the survey first. Cookies must be allowed: they keep your place."),
                code="not_taking_part",
            )
        return survey, participant


def _visit(survey: Survey, participant: SurveyParticipant | None) -> dict[str, Any]:
    told = {
        "id": survey.pk,
        "kind": survey.kind,
        "state": survey.state,
        "title": survey.title,
        "definition": survey.definition,
        "consent": survey.consent,
        "asks_name": survey.asks_name,
        "questions": items_asked(survey),
        "is_full": participant is None and survey.participants.count() >= survey.max_participants,
        "participant": participant and _participation(survey, participant),
    }
    return dict(Visit(told).data)


def _participation(survey: Survey, participant: SurveyParticipant) -> dict[str, Any]:
    answers = {row.item_id: row for row in participant.answers.all()}
    return {
        "finished_at": participant.finished_at,
        "items": [
            {
                "place": place.number,
                "width": place.item.width,
                "height": place.item.height,
                "answer": take_part.said_at(place, answers.get(place.item.pk)),
            }
            for place in take_part.places_of(survey, participant)
        ],
    }


class State(_Part):
    """The survey as its participants see it, and how far this one is."""

    @extend_schema(responses=Visit)
    def get(self, request: ApiRequest, **where: Any) -> Response:
        survey = self.survey()
        return Response(_visit(survey, self.participant(survey)))


class Participants(_Part):
    """Agreeing to take part."""

    serializer_class = Joining
    limits = (Visiting, JoiningRate)

    @extend_schema(request=Joining, responses={201: Visit})
    def post(self, request: ApiRequest, **where: Any) -> Response:
        said = Joining(data=request.data)
        said.is_valid(raise_exception=True)
        survey = self.survey()
        if not said.validated_data["consent"]:
            raise Refused(_("Agree to take part first."), code="invalid")
        participant, key = self.participant(survey), ""
        if participant is None:
            member = None if "key" in where else request.user
            participant, key = take_part.join(survey.pk, user=member, name=said.validated_data["name"])
        response = Response(_visit(survey, participant), status=201)
        if key:
            response.set_cookie(
                cookie_name(survey),
                key,
                max_age=COOKIE_SECONDS,
                httponly=True,
                secure=settings.SESSION_COOKIE_SECURE,
                samesite="Lax",
            )
        return response


class AnswerAt(_Part):
    """What a participant says to one question; the same again changes nothing."""

    serializer_class = Answer

    @extend_schema(request=Answer, responses=Answer)
    def put(self, request: ApiRequest, place: int, **where: Any) -> Response:
        said = Answer(data=request.data)
        said.is_valid(raise_exception=True)
        survey, participant = self.taking_part()
        take_part.answer(survey.pk, participant.pk, place, said.validated_data)
        return Response(said.validated_data)


class Finish(_Part):
    """Having said all one wants to say; the answers are final."""

    serializer_class = Participation

    @extend_schema(request=None, responses=Visit)
    def post(self, request: ApiRequest, **where: Any) -> Response:
        survey, participant = self.taking_part()
        return Response(_visit(survey, take_part.finish(survey.pk, participant.pk)))


class PictureAt(_Part):
    """What is shown at one question; the address tells neither image nor set."""

    @extend_schema(
        parameters=[OpenApiParameter("side", str, OpenApiParameter.PATH, enum=SIDES)],
        responses={(200, "image/jpeg"): OpenApiTypes.BINARY},
    )
    def get(self, request: ApiRequest, place: int, side: str, **where: Any) -> HttpResponse:
        survey, participant = self.taking_part()
        take_part.require_open(survey)
        shown = take_part.place_at(survey, participant, place)
        key = take_part.picture_key(survey, shown, side)
        if not media.exists(key):
            raise NotFound(_("This picture is gone. Tell whoever sent you the link."))
        if "key" not in where:
            look_at_side(request.user, survey, shown.item.image_number, side)
        response = HttpResponse(media.read(key), content_type="image/jpeg")
        response["Cache-Control"] = f"private, max-age={KEPT_S}"
        return response


def _addresses(prefix: str, **of_link: Any) -> list[URLPattern]:
    return [
        path(prefix, State.as_view(**of_link)),
        path(f"{prefix}/participants", Participants.as_view(**of_link)),
        path(f"{prefix}/answers/<int:place>", AnswerAt.as_view(**of_link)),
        path(f"{prefix}/finish", Finish.as_view(**of_link)),
        path(f"{prefix}/pictures/<int:place>/<str:side>", PictureAt.as_view(**of_link)),
    ]


urlpatterns = [
    *_addresses("survey/<str:key>", authentication_classes=[], permission_classes=[]),
    *_addresses("surveys/<int:survey_id>/part"),
]
