"""Consistency studies: images that others draw again, blind, and what came of it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

FIRST_PLACE = 1


class Study(models.Model):
    """A random sample of accepted images that further people annotate without seeing earlier masks.

    Everything down to ``instructions`` is its protocol, which never changes; the vocabulary is frozen when
    it is opened.
    """

    class State(models.TextChoices):
        PLANNED = "planned", "Planned"
        DRAWING = "drawing", "Masks are drawn"
        NAMING = "naming", "Masks are named"
        CLOSED = "closed", "Closed"
        CANCELLED = "cancelled", "Cancelled"

    class Start(models.TextChoices):
        AS_FIRST = "as_first", "As the first annotator did"
        EMPTY = "empty", "From nothing"

    RUNNING = (State.DRAWING, State.NAMING)
    # Its images are kept from training, and from other studies.
    HOLDING = (State.PLANNED, *RUNNING)

    project = models.ForeignKey("annotation_server.Project", on_delete=models.CASCADE, related_name="studies")
    name = models.CharField(max_length=100)
    state = models.CharField(max_length=16, choices=State, default=State.PLANNED)
    population = models.JSONField(default=dict, help_text="The filter that accepted images must pass.")
    population_images = models.PositiveIntegerField(help_text="How many passed it when the sample was taken.")
    seed = models.PositiveBigIntegerField()
    annotators = models.PositiveSmallIntegerField(help_text="Further people for each image.")
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="+", help_text="Who may draw; empty: any member."
    )
    not_before_days = models.PositiveSmallIntegerField(help_text="Since the first annotation was submitted.")
    start = models.CharField(max_length=16, choices=Start, default=Start.AS_FIRST)
    every = models.PositiveSmallIntegerField(help_text="One of so many pieces of a person's work is its own.")
    names_phase = models.BooleanField(default=True)
    instructions = models.TextField(blank=True)
    vocabulary_revision = models.CharField(max_length=64, blank=True)
    report_sha256 = models.CharField(max_length=64, blank=True, help_text="Of the report's bytes.")
    request = models.ForeignKey(
        "annotation_server.Request", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="a_study_name_once_per_project"),
        ]
        indexes = [models.Index(fields=["project", "state"], name="study_by_project_state")]

    def __str__(self) -> str:
        return f"{self.name} of {self.project}"

    @property
    def report_key(self) -> str:
        """Storage key of the report, named after its content."""
        return f"studies/{self.pk:06d}/report-{self.report_sha256}.json"


class StudyImage(models.Model):
    """An image of a sample, with the annotation that others are compared with."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="images")
    image = models.ForeignKey(
        "annotation_server.Image", on_delete=models.PROTECT, related_name="study_images"
    )
    order = models.PositiveIntegerField(help_text="Its place in the sample, from 0.")
    first = models.ForeignKey("annotation_server.Annotation", on_delete=models.PROTECT, related_name="+")
    revision = models.PositiveIntegerField(help_text="Of the first annotation.")
    map_sha256 = models.CharField(max_length=64, help_text="Of the first annotation.")
    figures = models.JSONField(default=dict, blank=True, help_text="As worked out last, with their inputs.")

    class Meta:
        ordering = ["study", "order"]
        constraints = [
            models.UniqueConstraint(fields=["study", "image"], name="an_image_once_per_study"),
        ]

    def __str__(self) -> str:
        return f"image {self.image_id} of study {self.study_id}"


class StudyPart(models.Model):
    """One further person's work on one image of a study: its masks, or the names of the first's masks.

    It waits while it has no assignment, or one that was given back.
    """

    class Phase(models.TextChoices):
        MASKS = "masks", "Masks"
        NAMES = "names", "Names"

    study_image = models.ForeignKey(StudyImage, on_delete=models.CASCADE, related_name="parts")
    place = models.PositiveSmallIntegerField(help_text="2 or more; 1 is the first annotator.")
    phase = models.CharField(max_length=8, choices=Phase, default=Phase.MASKS)
    not_before = models.DateTimeField()
    assignment = models.OneToOneField(
        "annotation_server.Assignment",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="study_part",
    )

    class Meta:
        ordering = ["study_image", "phase", "place"]
        constraints = [
            models.UniqueConstraint(fields=["study_image", "phase", "place"], name="a_part_once_per_place"),
            models.CheckConstraint(condition=Q(place__gt=FIRST_PLACE), name="a_part_is_a_further_place"),
        ]
        indexes = [models.Index(fields=["phase", "not_before"], name="part_by_phase_time")]

    def __str__(self) -> str:
        return f"{self.phase} by annotator {self.place} of {self.study_image}"
