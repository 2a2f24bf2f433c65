"""Training runs, and who was champion of a project when."""

from django.conf import settings
from django.db import models


class TrainingRun(models.Model):
    """One training: from the champion and accepted annotations to a candidate, judged beside the champion."""

    class Kind(models.TextChoices):
        NIGHTLY = "nightly", "At night"
        MANUAL = "manual", "By hand"

    class State(models.TextChoices):
        GATHERING = "gathering", "Gathering examples"
        TRAINING = "training", "Training"
        EVALUATING = "evaluating", "Evaluating"
        COMPARING = "comparing", "Comparing"
        PROMOTED = "promoted", "Promoted"
        KEPT = "kept", "Champion kept"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    OPEN = (State.GATHERING, State.TRAINING, State.EVALUATING, State.COMPARING)

    project = models.ForeignKey(
        "annotation_server.Project", on_delete=models.CASCADE, related_name="training_runs"
    )
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.NIGHTLY)
    state = models.CharField(max_length=16, choices=State, default=State.GATHERING)
    reason = models.TextField(blank=True, help_text="Why it was promoted, kept, or failed.")
    request = models.OneToOneField(
        "annotation_server.Request",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="training_run",
    )
    release = models.ForeignKey(
        "annotation_server.Release",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="training_runs",
        help_text="Whose annotations it learns from; empty: those accepted when it began.",
    )
    started_from = models.ForeignKey(
        "annotation_server.ModelVersion", on_delete=models.RESTRICT, related_name="+"
    )
    champion = models.ForeignKey(
        "annotation_server.ModelVersion",
        null=True,
        blank=True,
        on_delete=models.RESTRICT,
        related_name="+",
        help_text="Champion when the candidate was there; it is judged beside this one.",
    )
    candidate = models.OneToOneField(
        "annotation_server.ModelVersion",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="trained_by",
    )
    images = models.PositiveIntegerField(default=0, help_text="Trained on.")
    masks = models.PositiveBigIntegerField(default=0, help_text="Trained on.")
    left_out = models.PositiveIntegerField(
        default=0, help_text="Images of split train that an open study held back."
    )
    judged_images = models.PositiveIntegerField(default=0, help_text="Of split val, evaluated on.")
    examples_sha256 = models.CharField(max_length=64, blank=True, help_text="Of the frozen examples.")
    seed = models.PositiveBigIntegerField(default=0)
    config = models.JSONField(default=dict, blank=True, help_text="Settings that somebody chose.")
    outcome = models.JSONField(default=dict, blank=True, help_text="What the trainer says of its work.")
    figures = models.JSONField(default=dict, blank=True, help_text="Champion beside candidate.")
    worst = models.JSONField(default=list, blank=True, help_text="The images the candidate does worst.")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project"],
                condition=models.Q(state__in=("gathering", "training", "evaluating", "comparing")),
                name="one_open_training_per_project",
            ),
        ]

    def __str__(self) -> str:
        return f"training {self.pk} of {self.project} ({self.state})"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def folder(self) -> str:
        """Storage prefix of what it keeps; the trainer writes there too."""
        return f"training/{self.pk:06d}"

    @property
    def examples_key(self) -> str:
        """Storage key of what it learns from."""
        return f"{self.folder}/examples.json"

    @property
    def judged_key(self) -> str:
        """Storage key of what both models are evaluated on, in the same form."""
        return f"{self.folder}/judged.json"


class ChampionChange(models.Model):
    """One change of a project's champion; append-only, so that each change can be rolled back."""

    class Cause(models.TextChoices):
        TRAINED = "trained", "Better than the champion before"
        CHOSEN = "chosen", "Chosen by a person"
        ROLLED_BACK = "rolled_back", "Rolled back"

    project = models.ForeignKey(
        "annotation_server.Project", on_delete=models.CASCADE, related_name="champion_changes"
    )
    before = models.ForeignKey(
        "annotation_server.ModelVersion", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    after = models.ForeignKey(
        "annotation_server.ModelVersion", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    cause = models.CharField(max_length=16, choices=Cause)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"champion {self.after_id} after {self.before_id} of project {self.project_id}"
