"""Feature vectors of masks, as the model sees them, and what they add up to for each term."""

from django.db import models


class MaskVectors(models.Model):
    """The vectors of all masks of one annotation: one row, however many masks.

    ``counted`` is what this annotation has added to the project's TermVectors: term by number.
    """

    annotation = models.OneToOneField(
        "annotation_server.Annotation", primary_key=True, on_delete=models.CASCADE, related_name="vectors"
    )
    map_sha256 = models.CharField(max_length=64, help_text="The label map the masks were taken from.")
    model_sha256 = models.CharField(max_length=64, help_text="The weights that saw them.")
    numbers = models.BinaryField(help_text="n × u16 LE: the masks' numbers, ascending.")
    vectors = models.BinaryField(help_text="n × d float16 LE.")
    counted = models.JSONField(default=dict)
    changed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"vectors of annotation {self.annotation_id}"


class TermVectors(models.Model):
    """Sum and sum of squares of the vectors of the masks that bear a term: its mean, kept up to date."""

    term = models.ForeignKey("annotation_server.Term", on_delete=models.CASCADE, related_name="vectors")
    model_sha256 = models.CharField(max_length=64)
    count = models.PositiveBigIntegerField(default=0)
    total = models.BinaryField(help_text="d × float64 LE.")
    squares = models.BinaryField(help_text="d × float64 LE.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["term", "model_sha256"], name="a_term_once_per_model"),
        ]

    def __str__(self) -> str:
        return f"vectors of term {self.term_id} ({self.count} masks)"
