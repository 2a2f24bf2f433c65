"""Model versions: weights, config and origin."""

from typing import Any

from django.db import models


class ModelVersion(models.Model):
    """One set of weights; exactly one champion per project, or one shared champion without a project."""

    class Stage(models.TextChoices):
        CANDIDATE = "candidate", "Candidate"
        CHAMPION = "champion", "Champion"
        RETIRED = "retired", "Retired"

    project = models.ForeignKey(
        "annotation_server.Project",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="model_versions",
        help_text="Empty: offered to every project.",
    )
    name = models.CharField(max_length=200)
    architecture = models.CharField(max_length=50, default="cropformer")
    checkpoint_key = models.CharField(
        max_length=255,
        blank=True,
        help_text="Storage key; empty: the starter checkpoint shipped with the worker.",
    )
    checkpoint_sha256 = models.CharField(max_length=64, blank=True)
    config = models.JSONField(default=dict, blank=True)
    origin = models.TextField(blank=True, help_text="Where the weights come from, in a sentence.")
    parameters = models.PositiveBigIntegerField(null=True, blank=True, help_text="Empty: not counted.")
    size_bytes = models.PositiveBigIntegerField(
        null=True, blank=True, help_text="Of the checkpoint's file; empty: not known."
    )
    figures = models.JSONField(default=dict, blank=True, help_text="Of its last evaluation: AP and others.")
    stage = models.CharField(max_length=16, choices=Stage, default=Stage.CANDIDATE)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project"],
                condition=models.Q(stage="champion"),
                name="one_champion_per_project",
            ),
            models.UniqueConstraint(
                fields=["stage"],
                condition=models.Q(stage="champion", project__isnull=True),
                name="one_shared_champion",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.stage})"

    def as_asked(self) -> dict[str, Any]:
        """What a message to the ML worker says of the model it asks for."""
        return {
            "architecture": self.architecture,
            "checkpoint_key": self.checkpoint_key,
            "checkpoint_sha256": self.checkpoint_sha256,
            "options": self.config.get("options", {}),
        }
