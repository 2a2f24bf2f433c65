"""How studies look as JSON, and what one says to plan one."""

from typing import Any

from django.db.models import Count, Min, Q
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from annotation_server.annotation.access import WORKABLE
from annotation_server.annotation.models import Assignment
from annotation_server.consistency import protocol
from annotation_server.consistency.hand_out import images_short_of_people, waiting_parts
from annotation_server.consistency.models import Study, StudyPart
from annotation_server.consistency.population import Population
from annotation_server.images.models import Split

MOST_ANNOTATORS = 8
LONGEST_WAIT_DAYS = 3650
RAREST = 100
_WORKING = Q(assignment__state__in=WORKABLE)
_DONE = Q(assignment__state__in=Assignment.HANDED_IN)
LONGEST_INSTRUCTIONS = 20_000


class PopulationInput(serializers.Serializer[Any]):
    """Which accepted images; whatever is left out does not matter."""

    split = serializers.ChoiceField(Split.choices, allow_blank=True, default="")
    source = serializers.CharField(max_length=200, allow_blank=True, default="")  # type: ignore[assignment]
    accepted_before = serializers.DateField(allow_null=True, default=None, help_text="A day of UTC")
    min_masks = serializers.IntegerField(min_value=0, max_value=65_000, default=0)
    file_name = serializers.CharField(max_length=255, allow_blank=True, default="", help_text="A part of it")


class PreviewInput(serializers.Serializer[Any]):
    """A project, a population, and who is to draw it how often."""

    project = serializers.IntegerField()
    population = PopulationInput(default=dict)
    annotators = serializers.IntegerField(
        min_value=1, max_value=MOST_ANNOTATORS, default=protocol.DEFAULT_ANNOTATORS
    )
    members = serializers.ListField(
        child=serializers.CharField(max_length=150), default=list, help_text="User names; empty: any member"
    )


class CouldDraw(serializers.Serializer[Any]):
    """How many images of a population a member knows no masks of."""

    username = serializers.CharField()
    could_draw = serializers.IntegerField()


class PreviewAnswer(serializers.Serializer[Any]):
    """What a population would give."""

    images = serializers.IntegerField()
    suggested = serializers.IntegerField(help_text="1.5 % of them, but 20 at least and 500 at most")
    annotators = CouldDraw(many=True)
    people_left = serializers.DictField(
        child=serializers.IntegerField(), help_text="{people who know no masks of it: images}"
    )
    too_few = serializers.IntegerField(help_text="Images with fewer people left than wanted; not sampled")


class NewStudy(serializers.Serializer[Any]):
    """The protocol of a study to be."""

    project = serializers.IntegerField()
    name = serializers.CharField(max_length=100)
    population = PopulationInput(default=dict)
    size = serializers.IntegerField(
        min_value=1, allow_null=True, default=None, help_text="Null: as suggested"
    )
    seed = serializers.IntegerField(
        min_value=0, max_value=protocol.LARGEST_SEED, allow_null=True, default=None, help_text="Null: random"
    )
    annotators = serializers.IntegerField(
        min_value=1, max_value=MOST_ANNOTATORS, default=protocol.DEFAULT_ANNOTATORS
    )
    members = serializers.ListField(
        child=serializers.CharField(max_length=150), default=list, help_text="User names; empty: any member"
    )
    not_before_days = serializers.IntegerField(
        min_value=0, max_value=LONGEST_WAIT_DAYS, default=protocol.DEFAULT_DAYS
    )
    start = serializers.ChoiceField(Study.Start.choices, default=Study.Start.AS_FIRST)
    every = serializers.IntegerField(min_value=1, max_value=RAREST, default=protocol.DEFAULT_EVERY)
    names_phase = serializers.BooleanField(default=True)
    instructions = serializers.CharField(max_length=LONGEST_INSTRUCTIONS, allow_blank=True, default="")


class ProtocolRow(serializers.Serializer[Any]):
    """What a study keeps to from beginning to end."""

    population = serializers.DictField()
    population_images = serializers.IntegerField()
    size = serializers.SerializerMethodField()
    seed = serializers.IntegerField()
    annotators = serializers.IntegerField()
    members = serializers.SerializerMethodField(help_text="User names; empty: any member")
    not_before_days = serializers.IntegerField()
    start = serializers.ChoiceField(Study.Start.choices)
    every = serializers.IntegerField()
    names_phase = serializers.BooleanField()
    instructions = serializers.CharField()
    vocabulary_revision = serializers.CharField(help_text="SHA-256, empty until it is opened")

    def get_size(self, study: Study) -> int:
        return study.images.count()

    def get_members(self, study: Study) -> list[str]:
        return list(study.members.order_by("username").values_list("username", flat=True))


class StudyRow(serializers.Serializer[Any]):
    """A study as lists and its page show it."""

    id = serializers.IntegerField()
    project = serializers.IntegerField(source="project_id")
    name = serializers.CharField()
    state = serializers.ChoiceField(Study.State.choices)
    protocol = ProtocolRow(source="*")
    images = serializers.SerializerMethodField()
    parts = serializers.SerializerMethodField(help_text="{masks, names: {waiting, open, done}}")
    first_due = serializers.SerializerMethodField(help_text="When the first part that waits may be given out")
    created_by = serializers.CharField(source="created_by.username", default=None)
    created_at = serializers.DateTimeField()
    opened_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    report_sha256 = serializers.CharField(help_text="Empty until the report is worked out")
    request = serializers.IntegerField(source="request_id", allow_null=True)

    def get_images(self, study: Study) -> int:
        return study.images.count()

    def get_parts(self, study: Study) -> dict[str, dict[str, int]]:
        parts = StudyPart.objects.filter(study_image__study=study).order_by()
        counted = parts.values("phase").annotate(
            all=Count("pk"), open=Count("pk", filter=_WORKING), done=Count("pk", filter=_DONE)
        )
        counts = {phase: {"waiting": 0, "open": 0, "done": 0} for phase in StudyPart.Phase.values}
        for row in counted:
            waiting = row["all"] - row["open"] - row["done"]
            counts[row["phase"]] = {"waiting": waiting, "open": row["open"], "done": row["done"]}
        return counts

    def get_first_due(self, study: Study) -> str | None:
        if study.state not in Study.RUNNING:
            return None
        first = waiting_parts(study).aggregate(first=Min("not_before"))["first"]
        return first.isoformat() if first else None


class PersonParts(serializers.Serializer[Any]):
    """What one person has in hand and has done."""

    username = serializers.CharField()
    masks = serializers.DictField(help_text="{open, done}")
    names = serializers.DictField(help_text="{open, done}")


class StudyDetail(StudyRow):
    """A study with the people who draw for it."""

    people = serializers.SerializerMethodField(help_text="Whoever has or had a part, by user name")
    too_few = serializers.SerializerMethodField(
        help_text="Images that wait for more masks than there are people who know none of them"
    )

    def get_too_few(self, study: Study) -> int:
        return images_short_of_people(study)

    @extend_schema_field(PersonParts(many=True))
    def get_people(self, study: Study) -> list[dict[str, Any]]:
        parts = StudyPart.objects.filter(study_image__study=study, assignment__isnull=False).order_by()
        counted = parts.values("assignment__annotator__username", "phase").annotate(
            open=Count("pk", filter=_WORKING), done=Count("pk", filter=_DONE)
        )
        people: dict[str, dict[str, Any]] = {}
        for row in counted.filter(_WORKING | _DONE):
            name = row["assignment__annotator__username"]
            told = {phase: {"open": 0, "done": 0} for phase in StudyPart.Phase.values}
            person = people.setdefault(name, {"username": name, **told})
            person[row["phase"]] = {"open": row["open"], "done": row["done"]}
        return [people[name] for name in sorted(people)]


def population_of(given: dict[str, Any]) -> Population:
    """The population that somebody asks for."""
    return Population(**given)


def protocol_of(given: dict[str, Any]) -> protocol.Protocol:
    """The protocol that somebody asks for."""
    fields = {name: value for name, value in given.items() if name != "project"}
    return protocol.Protocol(**fields | {"population": population_of(given["population"])})
