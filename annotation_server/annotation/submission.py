"""What is kept of every submission, so that figures of a project need neither masks nor revisions."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Count, Q, Sum
from django.utils import timezone

from annotation_server.annotation.active_time import active_ms
from annotation_server.annotation.models import Annotation, Assignment, Mask, Review, Revision


class Submission(models.Model):
    """One time an annotation was closed for review: its figures then, and the verdict it got.

    ``kept``, ``edited`` and ``rejected`` share out the prediction's proposals; ``drawn`` are the masks that
    a person made. Days are those of UTC.
    """

    annotation = models.ForeignKey(Annotation, on_delete=models.CASCADE, related_name="submissions")
    project = models.ForeignKey(
        "annotation_server.Project", on_delete=models.CASCADE, related_name="submissions"
    )
    annotator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    model_version = models.ForeignKey(
        "annotation_server.ModelVersion",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Whose prediction it started from.",
    )
    attempt = models.PositiveIntegerField(help_text="1, and one more each time it was returned.")
    is_latest = models.BooleanField(default=True)
    day = models.DateField()
    submitted_at = models.DateTimeField()
    masks = models.PositiveIntegerField()
    kept = models.PositiveIntegerField()
    edited = models.PositiveIntegerField()
    drawn = models.PositiveIntegerField()
    rejected = models.PositiveIntegerField()
    pixels = models.PositiveBigIntegerField()
    void_px = models.PositiveBigIntegerField()
    active_ms = models.PositiveBigIntegerField(help_text="Time at work since the last submission.")
    strokes = models.PositiveIntegerField(
        null=True, blank=True, help_text="Gestures that changed its pixels."
    )
    operations = models.PositiveIntegerField(
        null=True, blank=True, help_text="All that was done since the last submission; empty until counted."
    )
    reviewer_pq = models.FloatField(
        null=True, blank=True, help_text="Agreement with the reviewer's map that replaced it, 0 to 1."
    )
    verdict = models.CharField(max_length=16, choices=Review.Verdict, blank=True)
    verdict_day = models.DateField(null=True, blank=True)
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["annotation", "attempt"], name="an_attempt_once"),
        ]
        indexes = [
            models.Index(fields=["project", "day", "annotator"], name="submission_by_project_day"),
            models.Index(fields=["project", "verdict_day"], name="submission_by_verdict_day"),
            models.Index(fields=["annotator", "day"], name="submission_by_person_day"),
        ]

    def __str__(self) -> str:
        return f"submission {self.attempt} of annotation {self.annotation_id}"


def record_submission(annotation: Annotation, assignment: Assignment) -> Submission | None:
    """Keep the figures of an annotation that has just been closed; None outside the drawing round.

    The caller holds the row lock. Where no review is required the verdict is there at once.
    """
    if assignment.round != Assignment.Round.DRAW:
        return None
    earlier = Submission.objects.filter(annotation=annotation)
    last = earlier.order_by("-attempt").first()
    earlier.filter(is_latest=True).update(is_latest=False)
    now = annotation.submitted_at or timezone.now()
    accepted = annotation.state == Annotation.State.ACCEPTED
    prediction = annotation.prediction
    return Submission.objects.create(
        annotation=annotation,
        project_id=annotation.image.project_id,
        annotator_id=assignment.annotator_id,
        model_version_id=prediction.model_version_id if prediction else None,
        attempt=last.attempt + 1 if last else 1,
        day=now.date(),
        submitted_at=now,
        pixels=annotation.image.width * annotation.image.height,
        void_px=annotation.void_px,
        active_ms=_active_ms(annotation, last, now),
        verdict=Review.Verdict.ACCEPT if accepted else "",
        verdict_day=now.date() if accepted else None,
        **_masks_by_origin(annotation, prediction.mask_count if prediction else 0),
    )


def record_verdict(annotation: Annotation, reviewer: Any, verdict: str) -> None:
    """Keep a reviewer's verdict on what was submitted last."""
    latest = Submission.objects.filter(annotation=annotation, is_latest=True)
    latest.update(verdict=verdict, verdict_day=timezone.now().date(), reviewer=reviewer)


def count_operations(annotation_id: int) -> None:
    """Count what was done for each submission of an annotation of which that is not known yet."""
    since = None
    for row in Submission.objects.filter(annotation=annotation_id).order_by("attempt"):
        if row.operations is None:
            saves = Revision.objects.filter(annotation=annotation_id, created_at__lte=row.submitted_at)
            if since is not None:
                saves = saves.filter(created_at__gt=since)
            done = saves.order_by().values_list("operations", flat=True)
            Submission.objects.filter(pk=row.pk).update(operations=sum(len(one) for one in done.iterator()))
        since = row.submitted_at


def keep_reviewer_pq(annotation_id: int, pq: float) -> None:
    """Keep how far what was submitted last agrees with the reviewer's map that replaced it."""
    Submission.objects.filter(annotation=annotation_id, is_latest=True).update(reviewer_pq=pq)


def _masks_by_origin(annotation: Annotation, proposed: int) -> dict[str, int]:
    """Masks kept, edited and drawn, and their strokes; what is left of the proposals was rejected."""
    drawn = Q(provenance=Mask.Provenance.HUMAN)
    counts: dict[str, int] = annotation.masks.filter(area__gt=0, deleted=False).aggregate(
        masks=Count("pk"),
        kept=Count("pk", filter=Q(provenance=Mask.Provenance.MODEL)),
        edited=Count("pk", filter=Q(provenance=Mask.Provenance.EDITED)),
        drawn=Count("pk", filter=drawn),
        strokes=Sum("strokes", default=0),
    )
    return {**counts, "rejected": max(0, proposed - counts["kept"] - counts["edited"])}


def _active_ms(annotation: Annotation, last: Submission | None, now: Any) -> int:
    saves = Revision.objects.filter(annotation=annotation)
    if last is not None:
        saves = saves.filter(created_at__gt=last.submitted_at)
    return active_ms([*saves.values_list("created_at", flat=True), now])
