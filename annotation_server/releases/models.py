"""Releases: immutable published exports."""

from django.conf import settings
from django.db import models


class Release(models.Model):
    """One published export; once published its inputs, bytes and digest never change."""

    class State(models.TextChoices):
        BUILDING = "building", "Being built"
        PUBLISHED = "published", "Published"
        FAILED = "failed", "Failed"

    project = models.ForeignKey(
        "annotation_server.Project", on_delete=models.PROTECT, related_name="releases"
    )
    name = models.CharField(max_length=100)
    notes = models.TextField(blank=True)
    state = models.CharField(max_length=16, choices=State, default=State.BUILDING)
    inputs = models.JSONField(
        default=list,
        help_text="[{image, annotation, revision, map_sha256, split}], fixed when the build starts.",
    )
    studies = models.JSONField(
        default=list,
        help_text="[{study, report_sha256}] of closed studies, fixed with the inputs.",
    )
    carried = models.JSONField(
        default=list,
        help_text="[{path, key, …}] of reports on its annotations, fixed with the inputs.",
    )
    request = models.OneToOneField(
        "annotation_server.Request", null=True, blank=True, on_delete=models.SET_NULL, related_name="release"
    )
    merkle_root = models.CharField(max_length=64, blank=True)
    statistics = models.JSONField(default=dict, blank=True)
    images = models.PositiveIntegerField(default=0)
    masks = models.PositiveBigIntegerField(default=0)
    size_bytes = models.PositiveBigIntegerField(default=0)
    error = models.TextField(blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="a_release_name_once_per_project"),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.project}"

    @property
    def folder(self) -> str:
        """Storage prefix of its files."""
        return f"releases/{self.pk:06d}"

    @property
    def archive_key(self) -> str:
        """Storage key of the tar."""
        return f"{self.folder}/archive.tar"

    @property
    def manifest_key(self) -> str:
        """Storage key of MANIFEST.json, which is in the tar too."""
        return f"{self.folder}/MANIFEST.json"
