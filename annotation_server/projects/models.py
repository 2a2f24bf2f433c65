"""Projects, their policy, and who works in them."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models


class Role(models.TextChoices):
    """What a member may do; each role may do what those before it may."""

    ANNOTATOR = "annotator", "Annotator"
    REVIEWER = "reviewer", "Reviewer"
    CURATOR = "curator", "Curator"
    ADMIN = "admin", "Admin"


class Project(models.Model):
    """A dataset under construction: images, vocabulary, members, policy, releases."""

    class Start(models.TextChoices):
        FILLED = "filled", "Filled with the model's proposals"
        EMPTY = "empty", "Empty, with the model's proposals to choose from"

    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    min_coverage = models.FloatField(
        default=0.995,
        validators=[MinValueValidator(0.0), MaxValueValidator(1.0)],
        help_text="Share of pixels that must belong to an entity before submission.",
    )
    max_gap_px = models.PositiveIntegerField(
        default=100, help_text="Largest connected gap (px) allowed at submission."
    )
    names_required = models.BooleanField(default=True, help_text="Every mask bears a term at submission.")
    review_required = models.BooleanField(default=True, help_text="A reviewer accepts before release.")
    pre_annotate = models.BooleanField(
        default=True, help_text="New images get a prediction of the champion model by themselves."
    )
    annotations_start = models.CharField(
        max_length=16,
        choices=Start,
        default=Start.FILLED,
        help_text="What an annotator finds on an image that a model has predicted.",
    )
    retrain_nightly = models.BooleanField(
        default=True, help_text="The champion is trained on newly accepted masks at night."
    )
    retrain_min_masks = models.PositiveIntegerField(
        default=500, help_text="Masks that must be newly accepted since the last training."
    )
    retrain_steps = models.PositiveIntegerField(
        default=0, help_text="Steps of one training; 0: as many as the number of images asks for."
    )
    max_pixels = models.PositiveBigIntegerField(
        default=300_000_000, help_text="Largest image, width × height."
    )
    max_side = models.PositiveIntegerField(default=20_000, help_text="Longest image side (px).")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """One person's role in one project."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["project", "user"], name="one_membership_per_person"),
        ]

    def __str__(self) -> str:
        return f"{self.user} is {self.role} of {self.project}"
