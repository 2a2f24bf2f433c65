"""Images: one picture each, with where it came from and whether it is ready."""

from django.conf import settings
from django.db import models


class Split(models.TextChoices):
    """Which part of the dataset an image is in, for ever."""

    TRAIN = "train", "Train"
    VAL = "val", "Validation"
    TEST = "test", "Test"


class Image(models.Model):
    """One picture; width and height are of the oriented picture, the frame of every label map."""

    class State(models.TextChoices):
        TILING = "tiling", "Being prepared"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"

    project = models.ForeignKey("annotation_server.Project", on_delete=models.CASCADE, related_name="images")
    file_name = models.CharField(
        max_length=255, help_text="As the user named it; shown, never used as a path."
    )
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    checksum = models.CharField(max_length=64, help_text="SHA-256 of the uploaded file.")
    file_key = models.CharField(max_length=255, help_text="Storage key of the normalised picture.")
    upload_key = models.CharField(
        max_length=255, blank=True, help_text="Storage key of the upload until tiled."
    )
    byte_size = models.PositiveBigIntegerField(default=0)
    state = models.CharField(max_length=16, choices=State, default=State.TILING)
    error = models.CharField(max_length=500, blank=True)
    split = models.CharField(max_length=8, choices=Split, blank=True)
    source = models.CharField(max_length=500, blank=True)
    licence = models.CharField(max_length=200, blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["project", "checksum"], name="a_picture_once_per_project"),
            models.CheckConstraint(
                condition=models.Q(width__gt=0) & models.Q(height__gt=0), name="image_has_pixels"
            ),
        ]
        indexes = [
            models.Index(fields=["project", "state"], name="image_by_project_state"),
            models.Index(fields=["project", "created_at"], name="image_by_project_time"),
            models.Index(fields=["project", "file_name"], name="image_by_project_name"),
            models.Index("project", models.F("width") * models.F("height"), name="image_by_project_pixels"),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.width} × {self.height})"

    @property
    def folder(self) -> str:
        """Storage prefix of everything derived from this picture."""
        return f"images/{self.pk:09d}"

    @property
    def pyramid_key(self) -> str:
        """Storage key of the deep-zoom tiles."""
        return self.file_key.rpartition("/")[0] + "/pyramid.szi"

    @property
    def thumbnail_key(self) -> str:
        """Storage key of the small picture."""
        return self.file_key.rpartition("/")[0] + "/thumbnail.jpg"
