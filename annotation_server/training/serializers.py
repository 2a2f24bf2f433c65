"""Training runs as JSON."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from annotation_server.model_registry.models import ModelVersion
from annotation_server.releases.models import Release
from annotation_server.requests.api import RequestRow
from annotation_server.requests.kept_sentences import said
from annotation_server.training.models import ChampionChange, TrainingRun

MOST_STEPS = 1_000_000


class NamedVersion(serializers.Serializer[ModelVersion]):
    """A model version as other rows name it."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    stage = serializers.ChoiceField(ModelVersion.Stage.choices)


class NamedRelease(serializers.Serializer[Release]):
    """A release as other rows name it."""

    id = serializers.IntegerField()
    name = serializers.CharField()


class TrainingRunRow(serializers.Serializer[Any]):
    """One training: what it learned from, how far it is, and what came of it."""

    id = serializers.IntegerField()
    project = serializers.IntegerField(source="project_id")
    kind = serializers.ChoiceField(TrainingRun.Kind.choices)
    state = serializers.ChoiceField(TrainingRun.State.choices)
    reason = serializers.SerializerMethodField(help_text="Why promoted, kept, failed; empty while it runs")
    request = serializers.SerializerMethodField(help_text="Its long work: progress, cancelling; or null")
    release = NamedRelease(allow_null=True, help_text="Whose annotations it learns from; null: accepted ones")
    started_from = NamedVersion()
    champion = NamedVersion(allow_null=True, help_text="What the candidate is judged beside")
    candidate = NamedVersion(allow_null=True)
    images = serializers.IntegerField(help_text="Trained on")
    masks = serializers.IntegerField(help_text="Trained on")
    left_out = serializers.IntegerField(help_text="Images of split train that an open study held back")
    judged_images = serializers.IntegerField(help_text="Of split val, which both models are evaluated on")
    examples_sha256 = serializers.CharField()
    seed = serializers.IntegerField()
    config = serializers.DictField()
    outcome = serializers.DictField(help_text="What the trainer says of its work")
    figures = serializers.DictField(
        help_text="champion, candidate, difference, interval, probability, images"
    )
    created_by = serializers.CharField(source="created_by.username", default=None)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)

    def get_reason(self, run: TrainingRun) -> str:
        return said(run.reason)

    @extend_schema_field(RequestRow(allow_null=True))
    def get_request(self, run: TrainingRun) -> dict[str, Any] | None:
        request = self.context["requests"].get(run.request_id)
        return dict(RequestRow(request).data) if request is not None else None


class TrainingOptions(serializers.Serializer[Any]):
    """What a person may set of a training; left out: as the project and the trainer have it."""

    steps = serializers.IntegerField(min_value=1, max_value=MOST_STEPS, required=False)
    batch = serializers.IntegerField(min_value=1, max_value=256, required=False)
    learning_rate = serializers.FloatField(min_value=1e-8, max_value=1.0, required=False)
    seed = serializers.IntegerField(min_value=0, max_value=2**31 - 1, required=False)

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and (unknown := sorted(set(data) - set(self.fields))):
            raise serializers.ValidationError({unknown[0]: _("There is no such option.")})
        return super().to_internal_value(data)


class NewTrainingRun(serializers.Serializer[Any]):
    """What one says to train a project's champion."""

    project = serializers.IntegerField()
    started_from = serializers.IntegerField(
        required=False, allow_null=True, default=None, help_text="A model version; left out: the champion"
    )
    release = serializers.IntegerField(required=False, allow_null=True, default=None)
    options = TrainingOptions(required=False)


class MetricRows(serializers.Serializer[Any]):
    """The log of a training, thinned out."""

    rows = serializers.ListField(child=serializers.DictField())


class WorstImage(serializers.Serializer[Any]):
    """An image that the candidate does worst, beside the champion's figures."""

    image = serializers.IntegerField()
    file_name = serializers.CharField()
    champion_ap = serializers.FloatField(allow_null=True)
    candidate_ap = serializers.FloatField(allow_null=True)
    entities = serializers.IntegerField()
    champion_masks = serializers.IntegerField(help_text="Proposed by it")
    candidate_masks = serializers.IntegerField(help_text="Proposed by it")
    why = serializers.ChoiceField([("lost", "Lost most"), ("low", "Scores least")])


class OfProject(serializers.Serializer[Any]):
    """Which project it is for."""

    project = serializers.IntegerField()


class Reign(serializers.Serializer[ChampionChange]):
    """Since when a project has its champion, why, and which was before."""

    since = serializers.DateTimeField(source="created_at")
    cause = serializers.ChoiceField(ChampionChange.Cause.choices)
    actor = serializers.CharField(source="actor.username", default=None)
    before = NamedVersion(allow_null=True)


class Outlook(serializers.Serializer[Any]):
    """What the coming night will do in a project."""

    retrain_nightly = serializers.BooleanField()
    new_masks = serializers.IntegerField(help_text="Accepted since the last training that was judged")
    min_masks = serializers.IntegerField(help_text="As many as a night asks for")
    is_due = serializers.BooleanField()
    reason = serializers.CharField()
    next_night = serializers.DateTimeField(allow_null=True)
    champion = Reign(allow_null=True)


class StartedRun(serializers.Serializer[Any]):
    """What was started."""

    training_run = serializers.IntegerField()
    request = serializers.IntegerField()


class ChampionChangeRow(serializers.Serializer[Any]):
    """One change of a project's champion."""

    id = serializers.IntegerField()
    before = NamedVersion(allow_null=True)
    after = NamedVersion(allow_null=True)
    cause = serializers.ChoiceField(ChampionChange.Cause.choices)
    actor = serializers.CharField(source="actor.username", default=None)
    created_at = serializers.DateTimeField()
