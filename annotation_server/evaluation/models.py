"""Evaluation reports, comparisons of two of them, and files uploaded to be evaluated."""

from django.conf import settings
from django.db import models

from annotation_server.requests.models import WorkState


class EvaluationUpload(models.Model):
    """A file of masks from elsewhere, read once and matched to the project's images."""

    class Format(models.TextChoices):
        INSTANCES = "coco_instances", "COCO instances"
        RESULTS = "coco_results", "COCO results"
        PANOPTIC = "coco_panoptic", "COCO panoptic"
        ENTITYSEG = "entityseg", "EntitySeg"

    project = models.ForeignKey(
        "annotation_server.Project", on_delete=models.CASCADE, related_name="evaluation_uploads"
    )
    name = models.CharField(max_length=200)
    format = models.CharField(max_length=16, choices=Format, blank=True, help_text="Empty until it is read.")
    state = models.CharField(max_length=16, choices=WorkState, default=WorkState.QUEUED)
    request = models.OneToOneField(
        "annotation_server.Request",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="evaluation_upload",
    )
    file_key = models.CharField(max_length=255, blank=True, help_text="Storage key until it is read.")
    sha256 = models.CharField(max_length=64, blank=True, help_text="Of the file as it was uploaded.")
    images = models.PositiveIntegerField(default=0, help_text="Of this project that it says something of.")
    masks = models.PositiveBigIntegerField(default=0)
    problems = models.JSONField(
        default=list, blank=True, help_text="[{kind, count, examples}]: what was left out or changed."
    )
    error = models.TextField(blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.name} ({self.state})"

    @property
    def folder(self) -> str:
        """Storage prefix of what was read from it."""
        return f"evaluation/uploads/{self.pk:06d}"

    @property
    def index_key(self) -> str:
        """Storage key of what it says of which image."""
        return f"{self.folder}/index.json"


class EvaluationReport(models.Model):
    """The figures of one set of masks against another that is taken for true."""

    project = models.ForeignKey(
        "annotation_server.Project", on_delete=models.CASCADE, related_name="evaluation_reports"
    )
    name = models.CharField(max_length=200)
    state = models.CharField(max_length=16, choices=WorkState, default=WorkState.QUEUED)
    request = models.OneToOneField(
        "annotation_server.Request",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="evaluation_report",
    )
    truth = models.JSONField(help_text="The set that is taken for true: kind, and which.")
    found = models.JSONField(help_text="The set that is judged: kind, and which.")
    truth_label = models.CharField(max_length=300)
    found_label = models.CharField(max_length=300)
    split = models.CharField(max_length=8, blank=True, help_text="Empty: all images.")
    options = models.JSONField(default=dict, help_text="overlap, void, similarity, boundary.")
    inputs_sha256 = models.CharField(max_length=64, blank=True, help_text="Of the frozen inputs' file.")
    same_as = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="An earlier report of the same inputs, whose figures were taken.",
    )
    images = models.PositiveIntegerField(default=0, help_text="Measured.")
    left_out = models.JSONField(
        default=list, blank=True, help_text="[{kind, count, examples}] of images, and why."
    )
    headline = models.JSONField(default=dict, blank=True, help_text="The figures that lists show.")
    figures = models.JSONField(default=dict, blank=True, help_text="All figures.")
    names = models.JSONField(default=dict, blank=True, help_text="What figures speak of: name by id.")
    error = models.TextField(blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["inputs_sha256"], name="report_by_inputs")]

    def __str__(self) -> str:
        return f"{self.name} ({self.state})"

    @property
    def folder(self) -> str:
        """Storage prefix of its frozen inputs."""
        return f"evaluation/{self.pk:06d}"

    @property
    def inputs_key(self) -> str:
        """Storage key of its frozen inputs."""
        return f"{self.folder}/inputs.json"

    @property
    def places_key(self) -> str:
        """Storage key of where each image lies in the frozen inputs."""
        return f"{self.folder}/inputs.places"

    @property
    def results_folder(self) -> str:
        """Storage prefix of figures and pictures: one for all reports of the same inputs."""
        return f"evaluation/results/{self.inputs_sha256}"


class EvaluationComparison(models.Model):
    """Two reports beside each other, on the images that both measured against the same truth."""

    project = models.ForeignKey(
        "annotation_server.Project", on_delete=models.CASCADE, related_name="evaluation_comparisons"
    )
    first = models.ForeignKey(EvaluationReport, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(EvaluationReport, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=16, choices=WorkState, default=WorkState.QUEUED)
    request = models.OneToOneField(
        "annotation_server.Request",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="evaluation_comparison",
    )
    images = models.PositiveIntegerField(default=0, help_text="That both have, with the same truth.")
    figures = models.JSONField(default=dict, blank=True)
    verdict = models.TextField(blank=True, help_text="What the figures say, in a sentence.")
    error = models.TextField(blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"comparison of reports {self.first_id} and {self.second_id} ({self.state})"
