"""The page of people who come by a link: the survey, or a kind word where there is none."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from annotation_server.errors import Refused, TooMany
from annotation_server.rate_limits import is_too_often
from annotation_server.surveys.limits import UnknownLinks, Visiting
from annotation_server.surveys.link import survey_at
from annotation_server.surveys.models import Survey
from annotation_server.surveys.take_part import require_open


@require_safe
def survey_page(request: HttpRequest, key: str) -> HttpResponse:
    """The survey that a link leads to; what is wrong with the link, if something is."""
    try:
        survey = _survey(request, key)
        response = render(request, "survey_part.html", {"survey": survey, "key": key})
    except Refused as refusal:
        context = {"sentence": refusal.sentence, "code": refusal.code}
        response = render(request, "survey_gone.html", context, status=refusal.status)
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Cache-Control"] = "no-store"
    return response


def _survey(request: HttpRequest, key: str) -> Survey:
    if is_too_often(Visiting, request):
        raise TooMany(_("Too many requests from this address. Wait a minute and try again."))
    try:
        survey = survey_at(key)
    except Refused:
        if is_too_often(UnknownLinks, request):
            raise TooMany(_("Too many requests from this address. Wait a minute and try again.")) from None
        raise
    require_open(survey)
    return survey


urlpatterns = [path("survey/<str:key>", survey_page, name="survey")]
