"""How surveys are told and asked for over HTTP."""

import secrets
from typing import Any

from django.urls import reverse
from rest_framework import serializers

from annotation_server.evaluation.serializers import SetSpec
from annotation_server.images.models import Split
from annotation_server.requests.kept_sentences import said
from annotation_server.surveys.link import LONGEST_DAYS
from annotation_server.surveys.models import Survey
from annotation_server.surveys.sets import labels_of

MOST_CHECKS = 20
MOST_IMAGES = 500


class AskedSets(serializers.Serializer[Any]):
    """Sets of a project, of one split or of all its images."""

    project = serializers.IntegerField()
    sets = SetSpec(many=True, allow_empty=False)
    split = serializers.ChoiceField(Split.choices, allow_blank=True, default="")


class SurveyTexts(serializers.Serializer[Any]):
    """What participants read."""

    title = serializers.CharField(max_length=100, allow_blank=True, default="")
    definition = serializers.CharField(max_length=5000, allow_blank=True, default="")
    consent = serializers.CharField(max_length=5000, allow_blank=True, default="")


class NewSurvey(AskedSets, SurveyTexts):
    """What an admin says to make a survey."""

    kind = serializers.ChoiceField(Survey.Kind.choices)
    name = serializers.CharField(max_length=100, help_text="For the project; participants never see it")
    asks_name = serializers.BooleanField(default=False)
    size = serializers.IntegerField(min_value=1, max_value=MOST_IMAGES, default=40)
    seed = serializers.IntegerField(
        min_value=0, max_value=2**31 - 1, required=False, help_text="Of the draw; by chance if left out"
    )
    identical_checks = serializers.IntegerField(min_value=0, max_value=MOST_CHECKS, default=0)
    broken_checks = serializers.IntegerField(min_value=0, max_value=MOST_CHECKS, default=0)
    allowed_failures = serializers.IntegerField(min_value=0, max_value=2 * MOST_CHECKS, default=1)
    max_participants = serializers.IntegerField(min_value=1, max_value=10_000, default=200)

    def validate(self, asked: dict[str, Any]) -> dict[str, Any]:
        asked.setdefault("seed", secrets.randbelow(2**31))
        if asked["kind"] == Survey.Kind.SATISFACTION:
            asked["identical_checks"] = 0  # there is one picture only
        return asked


class OpenSurvey(serializers.Serializer[Any]):
    """A survey as any member may know of it: enough to take part."""

    id = serializers.IntegerField()
    project = serializers.IntegerField(source="project_id")
    kind = serializers.ChoiceField(Survey.Kind.choices)
    state = serializers.ChoiceField(Survey.State.choices)
    title = serializers.CharField()
    images = serializers.IntegerField()
    part_url = serializers.SerializerMethodField(help_text="Where members take part")

    def get_part_url(self, survey: Survey) -> str:
        return reverse("survey_part", args=[survey.project_id, survey.pk])


class SurveyRow(OpenSurvey):
    """A survey as reviewers, curators and admins see it."""

    name = serializers.CharField()
    error = serializers.SerializerMethodField()
    request = serializers.IntegerField(source="request_id", allow_null=True)
    definition = serializers.CharField()
    consent = serializers.CharField()
    asks_name = serializers.BooleanField()
    split = serializers.CharField()
    size = serializers.IntegerField()
    seed = serializers.IntegerField()
    identical_checks = serializers.IntegerField()
    broken_checks = serializers.IntegerField()
    allowed_failures = serializers.IntegerField()
    max_participants = serializers.IntegerField()
    sets = serializers.SerializerMethodField(help_text="[{label, kind, …}], in the order of their numbers")
    inputs_sha256 = serializers.CharField(help_text="Names exactly what it shows")
    joined = serializers.IntegerField(help_text="People who have begun")
    finished = serializers.IntegerField()
    answers = serializers.IntegerField()
    has_link = serializers.SerializerMethodField()
    link_expires_at = serializers.DateTimeField(allow_null=True)
    created_by = serializers.CharField(source="created_by.username", default=None)
    created_at = serializers.DateTimeField()
    opened_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)

    def get_sets(self, survey: Survey) -> list[dict[str, Any]]:
        return [{**told, "label": label} for told, label in zip(survey.sets, labels_of(survey), strict=True)]

    def get_error(self, survey: Survey) -> str:
        return said(survey.error)

    def get_has_link(self, survey: Survey) -> bool:
        return bool(survey.link_digest)


class SharedImages(serializers.Serializer[Any]):
    """How many images can be drawn from."""

    images = serializers.IntegerField()


class NewLink(serializers.Serializer[Any]):
    """For how long a link works."""

    days = serializers.IntegerField(min_value=1, max_value=LONGEST_DAYS, default=30)


class Link(serializers.Serializer[Any]):
    """A link, shown this once."""

    url = serializers.CharField()
    expires_at = serializers.DateTimeField()


class Answer(serializers.Serializer[Any]):
    """What a participant says: a score, or which side is better."""

    score = serializers.IntegerField(min_value=0, max_value=10, required=False, allow_null=True)
    choice = serializers.ChoiceField(["left", "right", "same"], required=False, allow_blank=True, default="")
    comment = serializers.CharField(max_length=2000, allow_blank=True, default="")
    spent_ms = serializers.IntegerField(min_value=0, default=0)


class Item(serializers.Serializer[Any]):
    """One question, as its participant finds it."""

    place = serializers.IntegerField()
    width = serializers.IntegerField(help_text="px, of its pictures")
    height = serializers.IntegerField()
    answer = Answer(allow_null=True)


class Participation(serializers.Serializer[Any]):
    """What one participant is asked, and what they have said."""

    items = Item(many=True)
    finished_at = serializers.DateTimeField(allow_null=True)


class Visit(serializers.Serializer[Any]):
    """A survey as its participants see it; ``participant`` is null before they agree to take part."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(Survey.Kind.choices)
    state = serializers.ChoiceField(Survey.State.choices)
    title = serializers.CharField()
    definition = serializers.CharField()
    consent = serializers.CharField()
    asks_name = serializers.BooleanField()
    questions = serializers.IntegerField()
    is_full = serializers.BooleanField()
    participant = Participation(allow_null=True)


class Joining(serializers.Serializer[Any]):
    """Agreeing to take part."""

    consent = serializers.BooleanField()
    name = serializers.CharField(max_length=80, allow_blank=True, default="")
