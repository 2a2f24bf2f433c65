"""What is kept of how annotators do: figures by day, limits, alarms, honeypots and how they were met."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

_SHARE = [MinValueValidator(0.0), MaxValueValidator(1.0)]


class AnnotatorDay(models.Model):
    """One person's figures in one project on one UTC day; worked out again whenever the day changes.

    Work counts on the day it was submitted for the first time, a verdict on the day it was given, a honeypot
    on the day it was scored. Sums, so that any span is a sum of days.
    """

    project = models.ForeignKey(
        "annotation_server.Project", on_delete=models.CASCADE, related_name="annotator_days"
    )
    annotator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    images = models.PositiveIntegerField(default=0)
    masks = models.PositiveIntegerField(default=0)
    pixels = models.PositiveBigIntegerField(default=0)
    active_ms = models.PositiveBigIntegerField(default=0, help_text="Of every attempt.")
    kept = models.PositiveIntegerField(default=0)
    edited = models.PositiveIntegerField(default=0)
    drawn = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    counted_masks = models.PositiveIntegerField(default=0, help_text="Masks whose edits are known.")
    strokes = models.PositiveBigIntegerField(default=0)
    operations = models.PositiveBigIntegerField(default=0)
    judged = models.PositiveIntegerField(default=0, help_text="First submissions that a reviewer judged.")
    accepted = models.PositiveIntegerField(default=0)
    returned = models.PositiveIntegerField(default=0)
    compared = models.PositiveIntegerField(default=0, help_text="Compared with a reviewer's map.")
    reviewer_pq = models.FloatField(default=0.0, help_text="Sum over those.")
    honeypots = models.PositiveIntegerField(default=0)
    honeypots_passed = models.PositiveIntegerField(default=0)
    honeypot_pq = models.FloatField(default=0.0, help_text="Sum.")

    class Meta:
        ordering = ["day", "annotator"]
        constraints = [
            models.UniqueConstraint(fields=["project", "annotator", "day"], name="a_persons_day_once"),
        ]
        indexes = [models.Index(fields=["project", "day"], name="annotator_day_by_project_day")]

    def __str__(self) -> str:
        return f"{self.annotator_id} on {self.day}"


class Limits(models.Model):
    """What is usual in a project, by measure: what control charts are drawn around."""

    project = models.OneToOneField(
        "annotation_server.Project", primary_key=True, on_delete=models.CASCADE, related_name="limits"
    )
    by_measure = models.JSONField(
        default=dict,
        help_text="{measure: {centre, sigma, points, people, left_out}}; only those with enough.",
    )
    counted_until = models.DateField(null=True, blank=True, help_text="Days before it are counted.")
    worked_out_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"limits of project {self.project_id}"


class Alarm(models.Model):
    """A rule of a control chart was broken: one row an event, however often it is looked at."""

    project = models.ForeignKey("annotation_server.Project", on_delete=models.CASCADE, related_name="alarms")
    annotator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    measure = models.CharField(max_length=32)
    rule = models.CharField(max_length=32)
    first_at = models.DateTimeField(help_text="The first point that broke the rule.")
    last_at = models.DateTimeField(help_text="The last one of the same event.")
    value = models.FloatField(help_text="Of the first point.")
    centre = models.FloatField(null=True, blank=True)
    limit = models.FloatField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["-first_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "annotator", "measure", "rule", "first_at"], name="an_event_alarms_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule} in {self.measure} of {self.annotator_id}"


class HoneypotPolicy(models.Model):
    """How a project uses honeypots; without a row, as the defaults say."""

    class Mode(models.TextChoices):
        OFF = "off", "Off"
        AUTO = "auto", "On as soon as the project is large enough"
        ON = "on", "On"

    project = models.OneToOneField(
        "annotation_server.Project",
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="honeypot_policy",
    )
    mode = models.CharField(max_length=8, choices=Mode, default=Mode.AUTO)
    first_pieces = models.PositiveSmallIntegerField(
        default=5, help_text="So many first pieces of a person's work are honeypots."
    )
    share = models.FloatField(default=0.1, validators=_SHARE, help_text="Of the work after those.")
    pass_pq = models.FloatField(default=0.7, validators=_SHARE, help_text="Least PQ that passes.")
    least_agreement = models.FloatField(
        default=0.85, validators=_SHARE, help_text="Least PQ between the annotators of a study's image."
    )
    most_uses = models.PositiveIntegerField(
        default=30, help_text="So many people get a honeypot before it is retired."
    )
    tells_annotators = models.BooleanField(default=False, help_text="Annotators see how they met honeypots.")

    def __str__(self) -> str:
        return f"honeypots of project {self.project_id}: {self.mode}"


class Honeypot(models.Model):
    """An image whose trusted annotation is known: others draw it unseen and are compared with it."""

    class State(models.TextChoices):
        ACTIVE = "active", "In use"
        DOUBTFUL = "doubtful", "Doubtful"
        RETIRED = "retired", "Retired"

    class Source(models.TextChoices):
        STUDY = "study", "A study whose annotators agreed"
        HAND = "hand", "Chosen by a person"

    project = models.ForeignKey(
        "annotation_server.Project", on_delete=models.CASCADE, related_name="honeypots"
    )
    image = models.OneToOneField("annotation_server.Image", on_delete=models.CASCADE, related_name="honeypot")
    trusted = models.ForeignKey(
        "annotation_server.Annotation", on_delete=models.CASCADE, related_name="+", help_text="What is true."
    )
    source = models.CharField(max_length=8, choices=Source)
    state = models.CharField(max_length=8, choices=State, default=State.ACTIVE)
    agreement = models.FloatField(null=True, blank=True, help_text="Mean PQ in the study.")
    reason = models.CharField(max_length=200, blank=True, help_text="Why it is no longer in use.")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["project", "state"], name="honeypot_by_project_state")]

    def __str__(self) -> str:
        return f"honeypot {self.pk} on image {self.image_id} ({self.state})"


class HoneypotResult(models.Model):
    """One person's work on a honeypot; without a score until it is submitted and compared."""

    honeypot = models.ForeignKey(Honeypot, on_delete=models.CASCADE, related_name="results")
    annotator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    assignment = models.OneToOneField(
        "annotation_server.Assignment", on_delete=models.CASCADE, related_name="honeypot_result"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    scored_at = models.DateTimeField(null=True, blank=True)
    map_sha256 = models.CharField(max_length=64, blank=True, help_text="Of what was compared.")
    pq = models.FloatField(null=True, blank=True)
    boundary = models.FloatField(
        null=True, blank=True, help_text="Share of the entities found whose boundary IoU is above .5 too."
    )
    missing = models.PositiveIntegerField(default=0, help_text="Trusted entities without a partner.")
    extra = models.PositiveIntegerField(default=0, help_text="Drawn entities without a partner.")
    found = models.PositiveIntegerField(default=0)
    passed = models.BooleanField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["honeypot", "annotator"], name="a_honeypot_once_per_person"),
        ]
        indexes = [models.Index(fields=["annotator", "scored_at"], name="honeypot_result_by_person")]

    def __str__(self) -> str:
        return f"honeypot {self.honeypot_id} by {self.annotator_id}"
